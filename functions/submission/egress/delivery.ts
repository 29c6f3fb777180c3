import type { Output } from '../../../shared/audit/fields.ts';
import type { Field } from '../../../shared/contract/schema.ts';
import { sha256Hex } from '../../../shared/digest.ts';
import { zeroise } from '../../../shared/envelope/cipher.ts';
import { KEYS } from '../../../shared/names.ts';
import type { Destination, ObjectStore } from '../../../shared/ports.ts';
import type { ChunkCommit } from '../protocol/stage-log.ts';
import type { ExportValue } from './export-record.ts';
import { FORMATS } from './formats/formats.ts';

/** The rows of one chunk that one destination receives. */
export interface Part {
  readonly destination: Destination;
  readonly rows: (readonly ExportValue[])[];
}

/**
 * Writes one chunk's parts, one object per destination. A part's key and bytes follow from the records alone, so that a
 * retry writes the same again; the commit of the chunk says which bytes count.
 */
export async function deliver(
  exports: ObjectStore,
  columns: readonly Field[],
  run: string,
  chunk: number,
  parts: Iterable<Part>,
): Promise<Output[]> {
  const outputs: Output[] = [];
  for (const { destination, rows } of parts) {
    const { extension, contentType, encode } = FORMATS[destination.format];
    const key = KEYS.exportPart(destination.name, run, chunk, extension);
    const body = Buffer.from(encode(columns, rows), 'utf8');
    const sha256 = sha256Hex(body);
    const { byteLength } = body;
    try {
      await exports.put(key, body, { contentType });
    } finally {
      zeroise(body);
    }
    outputs.push({
      kind: 'export',
      key,
      sha256,
      records: rows.length,
      bytes: byteLength,
      destination: destination.name,
    });
  }
  return outputs;
}

/**
 * Writes each destination's manifest: the parts that count, with their digests. It names no run and no time, so that the same
 * records have the same manifest.
 */
export async function deliverManifests(
  exports: ObjectStore,
  contract: { readonly dataset: string; readonly version: number },
  run: string,
  commits: ReadonlyMap<number, ChunkCommit>,
): Promise<void> {
  const byDestination = new Map<string, Output[]>();
  for (const [, commit] of [...commits].sort(([left], [right]) => left - right)) {
    for (const output of commit.outputs) {
      if (output.kind !== 'export' || output.destination === undefined) continue;
      const parts = byDestination.get(output.destination) ?? [];
      byDestination.set(output.destination, [...parts, output]);
    }
  }
  for (const [destination, outputs] of byDestination) {
    const manifest = {
      format: 'parapet-export',
      version: 1,
      dataset: contract.dataset,
      contractVersion: contract.version,
      records: outputs.reduce((sum, { records }) => sum + records, 0),
      parts: outputs.map(({ key, sha256, records, bytes }) => ({
        name: key.slice(key.lastIndexOf('/') + 1),
        sha256,
        records,
        bytes,
      })),
    };
    const body = Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`, 'utf8');
    await exports.put(KEYS.exportManifest(destination, run), body, { contentType: 'application/json' });
  }
}
