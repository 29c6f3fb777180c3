/**
 * What analysts see of a table: the columns of its contract and no other, those of the class `pii` as tokens under a key that never
 * leaves the database. The same value in a column of the same name has the same token, so that views can be joined.
 */
import type { Kind } from '../../shared/canonical/column-type.ts';
import type { Equivalence } from '../../shared/equivalence/schema.ts';
import { Problem } from '../../shared/problem.ts';
import { name, qualified, SCHEMAS, text } from './names.ts';

export interface DataColumn {
  /** As the contract calls it. */
  readonly column: string;
  /** As the database calls it. */
  readonly native: string;
  readonly class: 'public' | 'internal' | 'pii';
  readonly kind: Kind;
}

export interface DataTable {
  readonly dataset: string;
  readonly schema: string;
  readonly table: string;
  readonly columns: readonly DataColumn[];
}

export interface DesiredView {
  readonly schema: string;
  readonly view: string;
  /** The query that it is. */
  readonly query: string;
}

/** The sides of a contract that lie in PostgreSQL. */
export function tablesOf(contract: Equivalence, only?: 'source' | 'target'): DataTable[] {
  return (['source', 'target'] as const).flatMap((side) => {
    if (only !== undefined && only !== side) return [];
    const endpoint = contract[side];
    if (endpoint.engine !== 'postgres') return [];
    const columns = contract.columns.map((column) => ({
      column: column.name,
      native: column[side].name,
      class: column.class,
      kind: column.type.kind,
    }));
    return [{ dataset: contract.dataset, schema: endpoint.schema, table: endpoint.table, columns }];
  });
}

/** Kinds whose text is the same in every session; the rest depends on its settings, and would have several tokens. */
const TOKENISED: ReadonlySet<Kind> = new Set(['text', 'uuid', 'integer', 'decimal', 'boolean']);

interface KeyPlace {
  readonly schema: string;
  readonly table: string;
}

export function viewsOf(tables: readonly DataTable[], key: KeyPlace): DesiredView[] {
  const names = tables.map(({ dataset }) => dataset);
  if (new Set(names).size !== names.length) {
    throw new Problem('configuration-invalid', {
      detail: 'Two tables of one dataset lie in this database: name one side of the contract.',
    });
  }
  return tables.map(({ dataset, schema, table, columns }) => ({
    schema: SCHEMAS.analysis,
    view: dataset,
    query: [
      `SELECT ${columns.map((column) => `${shown(column)} AS ${name(column.column)}`).join(', ')}`,
      `FROM ${qualified(schema, table)} AS t`,
      ...(columns.some(isToken) ? [`CROSS JOIN ${qualified(key.schema, key.table)} AS k`] : []),
    ].join(' '),
  }));
}

const isToken = (column: DataColumn): boolean => column.class === 'pii' && TOKENISED.has(column.kind);

function shown(column: DataColumn): string {
  const value = `t.${name(column.native)}`;
  if (column.class !== 'pii') return value;
  if (!isToken(column)) return `CASE WHEN ${value} IS NULL THEN NULL ELSE ${text('masked')} END`;
  return `CASE WHEN ${value} IS NULL THEN NULL ELSE ${token(column.column, value)} END`;
}

/**
 * The nested MAC of Bellare, Canetti and Krawczyk ("Keying Hash Functions for Message Authentication", 1996) over SHA-256, as HMAC is,
 * with a random block for each of the two keys. As an expression and not as a function: whoever may call a function can try values.
 * The column's name, a byte that no text holds, the value.
 */
function token(column: string, value: string): string {
  const message = `convert_to(${text(column)}, 'UTF8') || '\\x00'::bytea || convert_to((${value})::text, 'UTF8')`;
  const mac = `sha256(k.outer_block || sha256(k.inner_block || ${message}))`;
  return `'tok_' || translate(encode(substr(${mac}, 1, 24), 'base64'), '+/', '-_')`;
}
