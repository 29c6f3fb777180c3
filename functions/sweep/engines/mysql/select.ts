/** What a scan asks the server for. */
import type { CatalogColumn } from './catalog.ts';
import { quoteName } from './quote.ts';

/** A FLOAT is printed with six digits; as a double it is printed with all that it has. Adding zero would take −0 its sign. */
export function selectColumn({ name, dataType }: CatalogColumn): string {
  return dataType === 'float' ? `${quoteName(name)} * 1e0` : quoteName(name);
}
