/** Names and values on their way into SQL. Names are quoted, whatever is in them; values never stand in a text, they are bound. */

/** A quoted identifier (PostgreSQL's manual, section 4.1.1). */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** The relation, by its schema: the search path plays no part. */
export function relationName({ schema, table }: { readonly schema: string; readonly table: string }): string {
  return `${identifier(schema)}.${identifier(table)}`;
}
