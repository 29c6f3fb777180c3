/** REST-XML answers. Text is escaped here and nowhere else. */

/** A list of elements, a text, or nothing (then the element is left out). */
export type XmlContent = string | number | boolean | undefined | readonly XmlElement[];
export type XmlElement = readonly [name: string, content: XmlContent];

const NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/';

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

// Keys may hold any character but a lone surrogate. Control characters go as references: a literal CR would reach the
// reader as LF (XML 1.0 section 2.11).
function escapeText(text: string): string {
  let escaped = '';
  for (const character of text) {
    const entity = ENTITIES[character];
    if (entity) escaped += entity;
    else if (character < ' ') escaped += `&#x${character.charCodeAt(0).toString(16)};`;
    else escaped += character;
  }
  return escaped;
}

function render([name, content]: XmlElement): string {
  if (content === undefined) return '';
  const inner = typeof content === 'object' ? content.map(render).join('') : escapeText(String(content));
  return `<${name}>${inner}</${name}>`;
}

/** A document in S3's namespace. An error document has no namespace. */
export function xmlDocument(root: string, content: readonly XmlElement[], namespace = true): string {
  const inner = content.map(render).join('');
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${root}${namespace ? ` xmlns="${NAMESPACE}"` : ''}>${inner}</${root}>`;
}
