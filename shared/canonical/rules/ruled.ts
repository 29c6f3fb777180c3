/** What a lossy rule gives: the value after it, and whether it is another one. */
export interface Ruled<Value> {
  readonly value: Value;
  readonly changed: boolean;
}
