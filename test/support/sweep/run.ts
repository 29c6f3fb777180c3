/** Runs a sweep in this process, over tables in memory or whatever `open` gives. */

import { InlineLane } from '../../../cli/sweep/inline-lane.ts';
import { localKeys, localSigner, random } from '../../../cli/sweep/local-keys.ts';
import { type SweepPorts, type SweepRequest, sweep } from '../../../cli/sweep/sweep.ts';
import type { OpenEndpoint, SweepStore } from '../../../functions/sweep/protocol/ports.ts';
import type { Report } from '../../../functions/sweep/report/report.ts';
import type { Equivalence } from '../../../shared/equivalence/schema.ts';
import { MemoryGates } from '../memory/gates.ts';
import { SIGNER, signed } from './contract.ts';
import type { MemoryTable } from './memory-table.ts';

export function memoryStore(): SweepStore & { readonly objects: Map<string, Uint8Array> } {
  const objects = new Map<string, Uint8Array>();
  return {
    objects,
    create: async (key, bytes) => {
      if (objects.has(key)) return false;
      objects.set(key, bytes.slice());
      return true;
    },
    read: async (key) => objects.get(key),
  };
}

export const openTables =
  (tables: Readonly<Record<'source' | 'target', MemoryTable>>): OpenEndpoint =>
  async (side, _endpoint, options) =>
    tables[side].open(options);

const SILENT: SweepPorts['progress'] = { rows() {}, partition() {}, planned() {}, step() {} };

export function portsOf(
  open: OpenEndpoint,
  more: Partial<SweepPorts> & { readonly laneCount?: number } = {},
): SweepPorts {
  const { laneCount = 2, ...rest } = more;
  const store = rest.store ?? memoryStore();
  const keys = rest.keys ?? localKeys(random(32));
  const clock = rest.clock ?? { now: () => Date.now() };
  return {
    open,
    store,
    keys,
    gates: new MemoryGates(),
    clock,
    wait: async () => {},
    lanes: (contract) =>
      Array.from({ length: laneCount }, () => new InlineLane({ contract, open, store, keys, clock })),
    code: '0'.repeat(64),
    signer: localSigner(),
    sealName: 'parapet.test',
    signal: new AbortController().signal,
    progress: SILENT,
    ...rest,
  };
}

export async function requestOf(contract: Equivalence, more: Partial<SweepRequest> = {}): Promise<SweepRequest> {
  return {
    signed: await signed(contract),
    dataset: contract.dataset,
    trust: { signers: [SIGNER], minimumVersion: 1 },
    partitions: 4,
    capacity: 50,
    ...more,
  };
}

export async function sweepTables(
  contract: Equivalence,
  tables: Readonly<Record<'source' | 'target', MemoryTable>>,
  more: Partial<SweepPorts> & { readonly laneCount?: number; readonly request?: Partial<SweepRequest> } = {},
): Promise<Report> {
  const { request, ...ports } = more;
  return sweep(await requestOf(contract, request), portsOf(openTables(tables), ports));
}
