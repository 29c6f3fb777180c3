/** How to read one kind of cell; `Item` is what a pure cell holds copies of. */
export interface Peeling<Cell, Item> {
  readonly isEmpty: (cell: Cell) => boolean;
  /** The item whose copies alone the cell at `index` holds; undefined when it holds none, or different ones. */
  readonly pure: (cell: Cell, index: number) => Pure<Cell, Item> | undefined;
  /** `cell` with `times` copies of `added`. */
  readonly add: (cell: Cell, added: Cell, times: number) => Cell;
}

export interface Pure<Cell, Item> {
  readonly item: Item;
  /** How many copies; negative when the target has more of it. Never 0. */
  readonly multiplicity: number;
  /** What one copy adds to a cell, and to which cells. */
  readonly one: Cell;
  readonly places: readonly number[];
}

export interface Peeled<Item> {
  readonly items: readonly { readonly item: Item; readonly multiplicity: number }[];
  /** False when something is left that does not come out. */
  readonly complete: boolean;
}

/** Takes items out of pure cells, which makes further cells pure, until nothing more comes out. Empties `cells` on the way. */
export function peel<Cell, Item>(cells: Cell[], { isEmpty, pure, add }: Peeling<Cell, Item>): Peeled<Item> {
  const items: { item: Item; multiplicity: number }[] = [];
  const waiting = cells.flatMap((cell, index) => (isEmpty(cell) ? [] : [index]));
  // Every true item empties a cell for good, so that more items than cells can only come from cells that are not what they say.
  while (items.length <= cells.length) {
    const index = waiting.pop();
    if (index === undefined) break;
    const cell = cells[index];
    const found = cell && pure(cell, index);
    if (found === undefined) continue;
    items.push({ item: found.item, multiplicity: found.multiplicity });
    for (const place of found.places) {
      const touched = cells[place];
      if (touched === undefined) continue;
      cells[place] = add(touched, found.one, -found.multiplicity);
      if (place !== index) waiting.push(place);
    }
  }
  return { items, complete: cells.every(isEmpty) };
}
