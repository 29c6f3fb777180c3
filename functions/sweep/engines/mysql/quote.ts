/** An identifier in backticks, whatever it is (MySQL's manual, section 11.2): a backtick in it stands there twice. */
export function quoteName(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}

export function quoteTable(schema: string, table: string): string {
  return `${quoteName(schema)}.${quoteName(table)}`;
}
