/** One member of a JSON object: its decoded name, and its value's text where that is a number, `true`, `false` or `null`. */
export interface Member {
  readonly name: string;
  readonly literal: string | undefined;
}

const STRUCTURE = '{}[]:,';

/**
 * Lists the members of a text that JSON.parse has accepted as an object, in order and with repetitions. For the rare
 * record whose count of members, or whose numbers, give a reason to look twice.
 */
export function membersOf(text: string): Member[] {
  const members: Member[] = [];
  let depth = 0;
  let name = '';
  let literal: string | undefined;
  let inMember = false;
  let index = 0;
  while (index < text.length) {
    const character = text.charAt(index);
    if (character === '"') {
      const end = endOfString(text, index);
      if (depth === 1 && !inMember) name = String(JSON.parse(text.slice(index, end)));
      index = end;
      continue;
    }
    if (STRUCTURE.includes(character)) {
      if (depth === 1 && inMember && (character === ',' || character === '}')) {
        members.push({ name, literal });
        inMember = false;
        literal = undefined;
      }
      if (depth === 1 && character === ':') inMember = true;
      if (character === '{' || character === '[') depth += 1;
      if (character === '}' || character === ']') depth -= 1;
      index += 1;
      continue;
    }
    if (isSpace(character)) {
      index += 1;
      continue;
    }
    const from = index;
    while (index < text.length && !isSpace(text.charAt(index)) && !STRUCTURE.includes(text.charAt(index))) index += 1;
    if (depth === 1) literal = text.slice(from, index);
  }
  return members;
}

/** Index after the quote that ends the string which begins at `from`. */
function endOfString(text: string, from: number): number {
  let index = from + 1;
  while (index < text.length && text[index] !== '"') index += text[index] === '\\' ? 2 : 1;
  return index + 1;
}

const isSpace = (character: string): boolean =>
  character === ' ' || character === '\n' || character === '\r' || character === '\t';
