/** Files in memory, given in blocks of any size, and what an engine reads of them. */

import type { Engine, Partition, Reader } from '../../../functions/sweep/engines/engine.ts';
import type { ByteSource, FileVersion } from '../../../functions/sweep/engines/files/byte-source.ts';
import { KeptRows } from '../../../functions/sweep/engines/kept-rows.ts';
import type { ColumnType } from '../../../shared/canonical/column-type.ts';
import { rowCodec } from '../../../shared/canonical/row.ts';
import type { CanonicalValue } from '../../../shared/canonical/spelling.ts';
import type { Relation } from '../../../shared/equivalence/relation.ts';
import type { Endpoint } from '../../../shared/equivalence/schema.ts';
import { Problem } from '../../../shared/problem.ts';
import { masks } from './contract.ts';

export interface MemorySource extends ByteSource {
  write(name: string, content: string | Uint8Array): void;
}

export function memorySource(files: Record<string, string | Uint8Array>, blockBytes: number): MemorySource {
  const contents = new Map(
    Object.entries(files).map(([name, content]) => [name, { bytes: Buffer.from(content), version: 1 }]),
  );
  return {
    identity: 'memory',
    list: async () =>
      [...contents].map(
        ([name, { bytes, version }]): FileVersion => ({ name, bytes: bytes.length, version: String(version) }),
      ),
    read: async function* (file, start, end) {
      const content = contents.get(file.name);
      if (content === undefined || String(content.version) !== file.version) throw new Problem('snapshot-gone');
      for (let at = start; at < end; at += blockBytes) yield content.bytes.subarray(at, Math.min(end, at + blockBytes));
    },
    write: (name, content) => {
      contents.set(name, { bytes: Buffer.from(content), version: (contents.get(name)?.version ?? 0) + 1 });
    },
  };
}

/** A relation of nullable columns without a key; native names are the columns' own. */
export function relationOver(
  endpoint: Endpoint,
  names: readonly string[],
  types: Readonly<Record<string, ColumnType>> = {},
  natives: Readonly<Record<string, string>> = {},
): Relation {
  return {
    side: 'source',
    endpoint,
    columns: names.map((name) => ({
      name,
      type: types[name] ?? { kind: 'text' },
      masked: false,
      nullable: true,
      absentIsNull: false,
      native: { name, type: natives[name] ?? 'text' },
    })),
    keyColumns: 0,
    filters: [],
  };
}

export async function bytesOf(reader: Reader, partition: Partition): Promise<readonly Uint8Array[]> {
  const kept = new KeptRows();
  for await (const _ of reader.scan(partition, kept));
  return kept.rows.map(({ fields }) => Buffer.concat(fields));
}

export type Values = readonly (CanonicalValue | null | undefined)[];

/** The values of all rows, in the order of the files. */
export async function readText(engine: Engine, relation: Relation, target = 1): Promise<Values[]> {
  const reader = await engine.read(relation, masks);
  const codec = rowCodec(relation.columns);
  const values: Values[] = [];
  for (const partition of await reader.plan(target)) {
    values.push(...(await bytesOf(reader, partition)).map((row) => codec.decode(row)));
  }
  return values;
}
