/**
 * What stands around the records of an XML payload: the XML declaration, white space, comments, and the root's two
 * tags. Nothing else may (XML 1.0 section 2.8 without a document type and processing instructions), and none of it is
 * held but the tag that is being read, so that it can be as long as it likes.
 */
import { Problem } from '../../problem.ts';

const LESS = 0x3c;
const GREATER = 0x3e;
const HYPHEN = 0x2d;
const SPACE = 0x20;

/** Longest XML declaration or root tag. */
const TAG_BYTES = 1024;

// XML 1.0 sections 2.8 and 4.3.3. Other versions and encodings read characters in other ways.
const DECLARATION =
  /^<\?xml\s+version\s*=\s*("1\.0"|'1\.0')(?:\s+encoding\s*=\s*("[A-Za-z0-9._-]+"|'[A-Za-z0-9._-]+'))?(?:\s+standalone\s*=\s*("(?:yes|no)"|'(?:yes|no)'))?\s*\?>$/;

type Place = 'before' | 'root' | 'after';

export class XmlFrame {
  readonly #root: string;
  readonly #rootTag: RegExp;
  readonly #rootEnd: RegExp;
  #place: Place = 'before';
  /** The markup that is being read, `<` first; empty between markup. In a comment only its last bytes. */
  #markup = '';
  #inComment = false;
  /** An XML declaration stands before everything, white space included. */
  #atBeginning = true;

  constructor(root: string) {
    this.#root = root;
    // A default namespace may be declared; it changes no name here.
    this.#rootTag = new RegExp(`^<${root}(?:\\s+xmlns\\s*=\\s*(?:"[^"<&]*"|'[^'<&]*'))?\\s*(/?)>$`);
    this.#rootEnd = new RegExp(`^</${root}\\s*>$`);
  }

  get complete(): boolean {
    return this.#place === 'after' && this.#markup === '';
  }

  get untouched(): boolean {
    return this.#place === 'before' && this.#markup === '';
  }

  /**
   * Takes one byte outside the records; `at` is its place in the payload. Returns true when it is the first byte of a
   * record's name: the record began at the `<` before it.
   */
  take(byte: number, at: number): boolean {
    if (byte < SPACE && !isSpace(byte)) throw malformed(at, 'no control character');
    if (this.#inComment) {
      this.#comment(byte, at);
      return false;
    }
    if (this.#markup === '') {
      if (byte === LESS) this.#markup = '<';
      else if (!isSpace(byte)) throw malformed(at, this.#place === 'root' ? 'a record' : 'an element');
      if (byte !== LESS) this.#atBeginning = false;
      return false;
    }
    const character = String.fromCharCode(byte);
    if (this.#markup === '<' && this.#place === 'root' && !'/!?'.includes(character)) {
      this.#markup = '';
      return true;
    }
    this.#markup += character;
    this.#check(at);
    return false;
  }

  #check(at: number): void {
    const markup = this.#markup;
    if (markup.length === 2 && markup === '<?' && !this.#atBeginning) throw forbidden(at);
    if (markup.startsWith('<!')) {
      if (markup === '<!--') {
        this.#inComment = true;
        this.#markup = '<';
      } else if (/^<![A-Za-z]/.test(markup)) throw forbidden(at);
      else if (!'<!--'.startsWith(markup)) throw malformed(at, 'a comment');
      this.#atBeginning = false;
      return;
    }
    if (markup.length > TAG_BYTES) throw malformed(at, `a tag of at most ${TAG_BYTES} bytes`);
    if (!markup.endsWith('>')) return;
    if (markup.startsWith('<?')) this.#declaration(markup, at);
    else if (markup.startsWith('</')) this.#endTag(markup, at);
    else this.#startTag(markup, at);
    this.#markup = '';
    this.#atBeginning = false;
  }

  #declaration(markup: string, at: number): void {
    if (!/^<\?xml\s/.test(markup)) throw forbidden(at);
    const match = DECLARATION.exec(markup);
    if (match === null) throw malformed(at, 'an XML declaration of version 1.0');
    const encoding = match[2]?.slice(1, -1).toLowerCase();
    if (encoding !== undefined && encoding !== 'utf-8' && encoding !== 'us-ascii') {
      throw new Problem('payload-encoding', { detail: 'The XML declaration names another encoding.' });
    }
  }

  #startTag(markup: string, at: number): void {
    const match = this.#place === 'before' ? this.#rootTag.exec(markup) : null;
    if (match === null) throw malformed(at, this.#place === 'before' ? `the root element ${this.#root}` : 'no element');
    this.#place = match[1] === '/' ? 'after' : 'root';
  }

  #endTag(markup: string, at: number): void {
    if (this.#place !== 'root' || !this.#rootEnd.test(markup)) throw malformed(at, `the end of ${this.#root}`);
    this.#place = 'after';
  }

  /** XML 1.0 section 2.5: two hyphens end a comment, with nothing but `>` after them. */
  #comment(byte: number, at: number): void {
    if (this.#markup === '<--') {
      if (byte !== GREATER) throw malformed(at, 'no two hyphens inside a comment');
      this.#inComment = false;
      this.#markup = '';
      return;
    }
    this.#markup = byte === HYPHEN ? `${this.#markup}-` : '<';
  }
}

const isSpace = (byte: number): boolean => byte === SPACE || byte === 0x09 || byte === 0x0a || byte === 0x0d;

const malformed = (at: number, expected: string): Problem =>
  new Problem('payload-malformed', { detail: `At byte ${at}: expected ${expected}.` });

const forbidden = (at: number): Problem => new Problem('payload-forbidden', { detail: `At byte ${at}.` });
