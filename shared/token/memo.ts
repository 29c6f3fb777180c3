/**
 * What has been computed for a value of late, so that a person who stands in many records of a file is computed once. Holds at most
 * LIMIT values, and only as long as they repeat: where few do, it gives up for the rest of the run, as looking costs more than
 * it saves. The values stay in memory until `clear`, as long as the texts that they were read from (requirement B14).
 */
const LIMIT = 16_384;
/** Of a whole filling, this share at least must have been found. */
const WORTHWHILE = 1 / 4;

export class RecentValues {
  readonly #groups = new Map<string, Map<string, Map<string, string>>>();
  #size = 0;
  #found = 0;
  #useless = false;

  /** What `compute` gives for the value of a field in a group; it gives the same for the same three. */
  of(group: string, field: string, value: string, compute: () => string): string {
    if (this.#useless) return compute();
    const values = this.#valuesOf(group, field);
    const known = values.get(value);
    if (known !== undefined) {
      this.#found += 1;
      return known;
    }
    const computed = compute();
    values.set(value, computed);
    this.#size += 1;
    if (this.#size === LIMIT) this.#startAnew();
    return computed;
  }

  clear(): void {
    this.#groups.clear();
    this.#size = 0;
    this.#found = 0;
  }

  #valuesOf(group: string, field: string): Map<string, string> {
    const fields = this.#groups.get(group) ?? new Map<string, Map<string, string>>();
    const values = fields.get(field) ?? new Map<string, string>();
    if (fields.size === 0) this.#groups.set(group, fields);
    if (values.size === 0) fields.set(field, values);
    return values;
  }

  #startAnew(): void {
    this.#useless = this.#found < (this.#found + this.#size) * WORTHWHILE;
    this.clear();
  }
}
