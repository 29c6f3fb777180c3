import type { Partition } from '../engine.ts';
import { type Bounds, toJson } from './bounds.ts';
import { type CatalogColumn, type CatalogTable, countBlocks, type TableName } from './catalog.ts';
import { identifier, relationName } from './quote.ts';
import type { Session } from './session.ts';

/** Keys looked at for each part: so many keep parts of a skewed table within some ten percent of each other. */
const SAMPLES_PER_PART = 100;
/**
 * Blocks looked at for each part: a sample is made of whole blocks, and rows that were written together often have keys that lie together, so
 * that a few blocks say little, however many rows they hold.
 */
const SAMPLED_BLOCKS_PER_PART = 30;
/** Of a table that was never analyzed, bytes alone say how many rows it may have. */
const ROWS_PER_BLOCK = 50;

/**
 * By blocks: every block is read once, in the order of the disk, whatever the keys are. It needs one unchanging state for all parts, because
 * an update moves its row to another block.
 */
export async function planBlocks(
  session: Session,
  name: TableName,
  table: CatalogTable,
  target: number,
): Promise<Partition[]> {
  const blocks = await countBlocks(session, name);
  const parts = Math.max(1, Math.min(target, blocks));
  const estimated = Math.ceil((table.estimatedRows || blocks * ROWS_PER_BLOCK) / parts);
  return Array.from({ length: parts }, (_, part) => {
    const [from, to] = [part, part + 1].map((edge) => Math.floor((edge * blocks) / parts));
    return partition({ by: 'blocks', from: from ?? 0, to: to ?? blocks, open: part === parts - 1 }, estimated);
  });
}

/** By ranges of the key, between keys of a sample: parts have about as many rows each, however the keys are spread. */
export async function planKeys(
  session: Session,
  name: TableName,
  table: CatalogTable,
  key: readonly CatalogColumn[],
  target: number,
): Promise<Partition[]> {
  if (target <= 1 || !table.sampled || table.estimatedRows === 0) return planWhole(table);
  const blocks = Math.ceil(table.estimatedRows / ROWS_PER_BLOCK);
  const share = Math.max(
    (SAMPLES_PER_PART * target) / table.estimatedRows,
    (SAMPLED_BLOCKS_PER_PART * target) / blocks,
  );
  const percent = Math.min(100, 100 * share);
  const columns = key.map((column) => `t.${identifier(column.name)}`);
  const sample = await session.query(
    `SELECT ${columns.map((column) => `${column}::pg_catalog.text`).join(', ')}
     FROM ${relationName(name)} t TABLESAMPLE SYSTEM (${percent}) REPEATABLE (1) ORDER BY ${columns.join(', ')}`,
  );
  const edges = quantiles(sample, target);
  const estimated = Math.ceil(table.estimatedRows / (edges.length + 1));
  return [undefined, ...edges].map((from, part) => {
    const to = edges[part];
    const bounds: Bounds = { by: 'keys', ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
    return partition(bounds, estimated);
  });
}

export function planWhole(table: CatalogTable): Partition[] {
  return [partition({ by: 'all' }, table.estimatedRows)];
}

/** Keys that cut a sample in order into so many parts; a key that is very frequent cuts once. */
function quantiles(sample: readonly (readonly (string | null)[])[], parts: number): string[][] {
  const edges: string[][] = [];
  for (let part = 1; part < parts; part++) {
    const edge = sample[Math.floor((part * sample.length) / parts)]?.map((value) => value ?? '');
    if (edge !== undefined && !sameKey(edge, edges.at(-1))) edges.push(edge);
  }
  return edges;
}

function sameKey(left: readonly string[], right: readonly string[] | undefined): boolean {
  return right !== undefined && left.every((value, index) => value === right[index]);
}

function partition(bounds: Bounds, estimatedRows: number): Partition {
  return { bounds: toJson(bounds), estimatedRows };
}
