import type { Pair } from './stage.ts';

/** How many cases were tried between which engines. */
export class Tally {
  readonly #pairs = new Map<string, { equal: number; different: number }>();
  readonly total = { equal: 0, different: 0 };

  add({ source, target }: Pair, equal: number, different: number): void {
    const name = `${source.form.engine} → ${target.form.engine}`;
    const before = this.#pairs.get(name) ?? { equal: 0, different: 0 };
    before.equal += equal;
    before.different += different;
    this.total.equal += equal;
    this.total.different += different;
    this.#pairs.set(name, before);
  }

  toString(): string {
    const lines = [...this.#pairs].sort(([one], [other]) => (one < other ? -1 : 1));
    return [
      `${this.total.different} pairs that differ, ${this.total.equal} that are the same and written otherwise:`,
      ...lines.map(
        ([name, { equal, different }]) =>
          `  ${name.padEnd(22)} ${String(different).padStart(5)} ${String(equal).padStart(5)}`,
      ),
    ].join('\n');
  }
}
