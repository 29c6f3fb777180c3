import { SaxesParser } from 'saxes';
import type { CompiledContract, Validation } from '../../contract/compiled.ts';
import { pointerTo, unknownNames } from '../../contract/names.ts';
import { type FieldProblem, Problem } from '../../problem.ts';
import { duplicateProblems } from '../duplicates.ts';

/** What the saxes parser says of a reference to an entity that XML 1.0 section 4.6 does not predefine. */
const UNDEFINED_ENTITY = 'undefined entity';
const NO_TEXT = /^[ \t\n\r]*$/;

/**
 * Reads one record after the other from their elements: `<grant><ein>…</ein>…</grant>`. A field is one element with text
 * in it; attributes, comments (which would join two texts), elements in a field and text between fields are refused.
 */
export class XmlRecords {
  readonly #contract: CompiledContract;
  readonly #parser = new SaxesParser({ fragment: true, position: false });
  readonly #recordName: string;
  readonly #texts: (string | undefined)[];
  #record = 0;
  #depth = 0;
  #closed = 0;
  #next = 0;
  #field = '';
  #text = '';
  /** The first thing about the element's form that is wrong. */
  #fault: FieldProblem | undefined;
  #nested = new Set<string>();
  #repeated = new Set<string>();
  #unknown = new Set<string>();

  constructor(contract: CompiledContract) {
    this.#contract = contract;
    this.#recordName = contract.contract.submission.xml.record;
    this.#texts = contract.fields.map(() => undefined);
    this.#parser.on('opentag', (tag) => this.#opened(tag.name, tag.attributes));
    this.#parser.on('closetag', () => this.#closedTag());
    this.#parser.on('text', (text) => this.#characters(text));
    this.#parser.on('cdata', (text) => this.#characters(text));
    this.#parser.on('comment', () => this.#wrong('no comment in a record'));
    // Handlers that throw leave the parser in between; nothing is read after a fault of the payload.
    this.#parser.on('error', (error) => {
      // The parser's own message may quote the payload: it goes no further.
      throw this.#problem(error.message.includes(UNDEFINED_ENTITY) ? 'payload-forbidden' : 'payload-malformed');
    });
  }

  /** Throws payload-malformed where the text is not one well-formed element, payload-forbidden for an entity. */
  read(element: string, record: number): Validation {
    this.#record = record;
    this.#texts.fill(undefined);
    this.#fault = undefined;
    this.#closed = 0;
    this.#next = 0;
    if (this.#nested.size > 0) this.#nested = new Set();
    if (this.#repeated.size > 0) this.#repeated = new Set();
    if (this.#unknown.size > 0) this.#unknown = new Set();
    this.#parser.write(element);
    if (this.#depth !== 0 || this.#closed !== 1) throw this.#problem('payload-malformed');
    return this.#judge();
  }

  #judge(): Validation {
    if (this.#fault !== undefined) return { errors: [this.#fault] };
    if (this.#repeated.size > 0) return { errors: duplicateProblems(this.#repeated, this.#contract) };
    const unknown = unknownNames('field-unknown', 'a field of the contract', this.#unknown);
    if (this.#nested.size > 0) {
      const wrong = this.#contract.fields.filter(({ name }) => this.#nested.has(name)).map((field) => field.wrongType);
      return { errors: [...wrong, ...unknown] };
    }
    const validation = this.#contract.validateTexts(this.#texts);
    return unknown.length === 0 ? validation : { errors: [...(validation.errors ?? []), ...unknown] };
  }

  #opened(name: string, attributes: Readonly<Record<string, unknown>>): void {
    this.#depth += 1;
    if (this.#depth === 1 && name !== this.#recordName) this.#wrong(`the element ${this.#recordName}`);
    if (this.#depth === 2) {
      this.#field = name;
      this.#text = '';
    }
    for (const _ in attributes) {
      this.#wrong('no attribute');
      break;
    }
    if (this.#depth === 3 && this.#contract.positions.has(this.#field)) this.#nested.add(this.#field);
  }

  #closedTag(): void {
    this.#depth -= 1;
    if (this.#depth === 0) this.#closed += 1;
    if (this.#depth !== 1) return;
    const position = this.#position(this.#field);
    if (position === undefined) {
      if (this.#unknown.has(this.#field)) this.#repeated.add(this.#field);
      this.#unknown.add(this.#field);
      return;
    }
    if (this.#texts[position] !== undefined) this.#repeated.add(this.#field);
    this.#texts[position] = this.#text;
  }

  /** Fields mostly come in contract order: comparing with the next one costs less than looking the name up. */
  #position(name: string): number | undefined {
    if (this.#contract.fields[this.#next]?.name !== name) {
      const found = this.#contract.positions.get(name);
      if (found === undefined) return undefined;
      this.#next = found;
    }
    this.#next += 1;
    return this.#next - 1;
  }

  #characters(text: string): void {
    if (this.#depth === 2) this.#text += text;
    else if (this.#depth === 1 && !NO_TEXT.test(text)) this.#wrong('no text between fields');
  }

  #problem(code: 'payload-forbidden' | 'payload-malformed'): Problem {
    return new Problem(code, { detail: `In record ${this.#record}.` });
  }

  /** The place is the field where it is one of the contract. */
  #wrong(rule: string): void {
    const inField = this.#depth >= 2 && this.#contract.positions.has(this.#field);
    this.#fault ??= { code: 'record-malformed', pointer: inField ? pointerTo(this.#field) : '', rule };
  }
}
