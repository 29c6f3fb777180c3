/** The few shapes that the drawing is made of. Sizes in pixels; text is set in about 0.52 of its size a character. */

export const LINE = 15;
const SIZE = 11.5;

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** Of the bold text in which names are set, at its widest. */
export const nameWidth = (text: string): number => Math.ceil(text.length * 8.4);

/** Whole words on lines that fit. */
export function wrap(text: string, width: number): string[] {
  const longest = Math.floor(width / (SIZE * 0.52));
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= longest) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export const rectangle = ({ x, y, width, height }: Box, kind: string): string =>
  `<rect class="${kind}" x="${x}" y="${y}" width="${width}" height="${height}" rx="6"/>`;

export const label = (x: number, y: number, text: string, kind = 'line'): string =>
  `<text class="${kind}" x="${x}" y="${y}">${escaped(text)}</text>`;

/** A box with a name and lines below it. `[term, text]` is set with the term in grey. */
export function card(box: Box, kind: string, name: string, lines: readonly string[]): string {
  return [
    rectangle(box, `card ${kind}`),
    label(box.x + 10, box.y + 19, name, 'name'),
    ...lines.map((line, index) => label(box.x + 10, box.y + 38 + index * LINE, line)),
  ].join('\n');
}

/** Height of a card with so many lines. */
export const cardHeight = (lines: number): number => (lines === 0 ? 30 : 34 + lines * LINE);

export const arrow = (x1: number, y1: number, x2: number, y2: number): string =>
  `<path class="arrow" d="M${x1} ${y1}L${x2} ${y2}" marker-end="url(#head)"/>`;

const STYLE = `
text{font-family:ui-sans-serif,system-ui,"Segoe UI",Roboto,Helvetica,Arial,sans-serif;fill:#1d2733}
.title{font-size:18px;font-weight:600}
.lane{font-size:13px;font-weight:600;fill:#44546a}
.note{font-size:11.5px;fill:#5b6b7f}
.name{font-size:13px;font-weight:600}
.line{font-size:${SIZE}px}
.page{fill:#ffffff}
.vpc{fill:#f3f7fc;stroke:#7d9cc4;stroke-width:1.5;stroke-dasharray:6 4}
.card{fill:#ffffff;stroke-width:1.2}
.stage{stroke:#3b73b9}.store{stroke:#3d8f5f}.locked{stroke:#3d8f5f;stroke-width:2.6}
.door{fill:#e5eefa;stroke:#7d9cc4}.person{fill:#f4f4f5;stroke:#8d949e}.watch{stroke:#8756b5}.key{stroke:#b98422}
.arrow{stroke:#3b73b9;stroke-width:1.6;fill:none}
`;

export function document(width: number, height: number, title: string, parts: readonly string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escaped(title)}">`,
    `<style>${STYLE}</style>`,
    '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z" fill="#3b73b9"/></marker></defs>',
    rectangle({ x: 0, y: 0, width, height }, 'page'),
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}
