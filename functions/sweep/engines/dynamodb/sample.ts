import type { SchemaColumn } from '../engine.ts';
import { attributeType } from './attribute.ts';
import type { DocumentTable, KeyAttribute } from './document-table.ts';

const SAMPLE_ITEMS = 200;

/** The key, which the table declares, and what a sample of the documents has, with its types; several are joined by `|`. */
export async function sampleColumns(
  table: DocumentTable,
  key: readonly KeyAttribute[],
): Promise<readonly SchemaColumn[]> {
  const { documents } = await table.page({
    segment: 0,
    segments: 1,
    after: undefined,
    attributes: [],
    limit: SAMPLE_ITEMS,
  });
  const types = new Map<string, Set<string>>();
  const counts = new Map<string, number>();
  for (const document of documents) {
    for (const [name, attribute] of Object.entries(document)) {
      const type = attributeType(attribute);
      const found = types.get(name) ?? new Set();
      types.set(name, found);
      if (type === undefined) continue;
      found.add(type);
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
  }
  const declared = key.map(({ name, type }): SchemaColumn => ({ name, type, nullable: false }));
  const others = [...types]
    .filter(([name]) => key.every((attribute) => attribute.name !== name))
    .map(
      ([name, found]): SchemaColumn => ({
        name,
        type: found.size === 0 ? 'null' : [...found].sort().join('|'),
        nullable: (counts.get(name) ?? 0) < documents.length,
      }),
    );
  return [...declared, ...others];
}
