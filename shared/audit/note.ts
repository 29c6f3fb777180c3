/** The form of a C2SP signed note: a text, an empty line, and signature lines. Says nothing about whether they verify. */
import { Problem } from '../problem.ts';
import { KEY_NAME } from './verifier-key.ts';

export interface NoteSignature {
  /** Key name. */
  readonly name: string;
  /** Four bytes. */
  readonly keyId: Uint8Array;
  readonly signature: Uint8Array;
}

export interface Note {
  /** Ends with a line feed; this is what is signed, as UTF-8. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

const KEY_ID_BYTES = 4;
/** The specification asks for at least 16. */
const MAX_SIGNATURES = 64;
const SIGNATURE_LINE = /^— (\S+) ([A-Za-z0-9+/]+={0,2})$/u;

export function formatNote({ text, signatures }: Note): string {
  const lines = signatures.map(({ name, keyId, signature }) => {
    return `— ${name} ${Buffer.concat([keyId, signature]).toString('base64')}\n`;
  });
  return `${text}\n${lines.join('')}`;
}

/** Problem('seal-invalid') when it is no signed note. */
export function parseNote(note: string): Note {
  const separator = note.lastIndexOf('\n\n');
  const text = note.slice(0, separator + 1);
  const lines = note.slice(separator + 2).split('\n');
  // Every line ends with a line feed, so nothing follows the last.
  const wellFormed =
    separator > 0 && lines.pop() === '' && lines.length > 0 && lines.length <= MAX_SIGNATURES && !hasControl(note);
  if (!wellFormed) throw malformed();
  return { text, signatures: lines.map(parseSignature) };
}

function parseSignature(line: string): NoteSignature {
  const [, name = '', encoded = ''] = SIGNATURE_LINE.exec(line) ?? [];
  const bytes = Buffer.from(encoded, 'base64');
  if (!KEY_NAME.test(name) || bytes.length <= KEY_ID_BYTES || bytes.toString('base64') !== encoded) throw malformed();
  return { name, keyId: bytes.subarray(0, KEY_ID_BYTES), signature: bytes.subarray(KEY_ID_BYTES) };
}

/** No ASCII control character but the line feed, and only what UTF-8 can hold. */
function hasControl(note: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return /[\u0000-\u0009\u000b-\u001f]/.test(note) || !note.isWellFormed();
}

function malformed(): Problem {
  return new Problem('seal-invalid', { detail: 'The checkpoint is not a signed note.' });
}
