/** What hashes partitions on this machine: in a worker thread of its own, or, for few rows, in the thread of the command. */
import type { Engine, Reader } from '../../functions/sweep/engines/engine.ts';
import { hash } from '../../functions/sweep/hash/hash.ts';
import { openSweepKeys } from '../../functions/sweep/protocol/keys.ts';
import { decodeManifest, type SweepManifest } from '../../functions/sweep/protocol/manifest.ts';
import { openPlanned } from '../../functions/sweep/protocol/open-planned.ts';
import { type OpenEndpoint, SWEEP_KEYS, type SweepStore } from '../../functions/sweep/protocol/ports.ts';
import type { HashTask } from '../../functions/sweep/protocol/tasks.ts';
import { createMasks } from '../../shared/equivalence/mask.ts';
import { relationOf, type SideName } from '../../shared/equivalence/relation.ts';
import type { Equivalence } from '../../shared/equivalence/schema.ts';
import type { SweepKeys } from '../../shared/fingerprint/keys.ts';
import type { Clock, KeyService } from '../../shared/ports.ts';
import { Problem } from '../../shared/problem.ts';

export interface HashWorkerPorts {
  readonly contract: Equivalence;
  readonly open: OpenEndpoint;
  readonly store: SweepStore;
  readonly keys: KeyService;
  readonly clock: Clock;
}

interface Prepared {
  readonly manifest: SweepManifest;
  readonly keys: SweepKeys;
}

interface OpenSide {
  readonly engine: Engine;
  readonly reader: Reader;
}

/** Opens each side when its first partition comes, and keeps it open. */
export class HashWorker {
  readonly #ports: HashWorkerPorts;
  readonly #sides = new Map<SideName, OpenSide>();
  #prepared: Prepared | undefined;

  constructor(ports: HashWorkerPorts) {
    this.#ports = ports;
  }

  /** Resolves when the partition's result is committed, by this attempt or another. */
  async run(task: HashTask, watch: (rows: number) => void): Promise<void> {
    const { contract, store, clock } = this.#ports;
    this.#prepared ??= await this.#prepare();
    const { manifest, keys } = this.#prepared;
    const { reader } = await this.#side(task.side, this.#prepared);
    // Nothing ends a worker of this machine but the end of the sweep.
    const deadline = { remaining: () => Number.POSITIVE_INFINITY };
    await hash(task, manifest, { reader, keyColumns: contract.key.length, keys, store, clock, deadline, watch });
  }

  async close(): Promise<void> {
    for (const { engine } of this.#sides.values()) await engine.close();
    this.#sides.clear();
  }

  async #prepare(): Promise<Prepared> {
    const bytes = await this.#ports.store.read(SWEEP_KEYS.manifest);
    if (bytes === undefined) throw new Problem('not-found', { detail: 'The sweep has no manifest.' });
    const manifest = decodeManifest(bytes);
    return { manifest, keys: await openSweepKeys(manifest, this.#ports.keys) };
  }

  async #side(side: SideName, { manifest, keys }: Prepared): Promise<OpenSide> {
    const before = this.#sides.get(side);
    if (before !== undefined) return before;
    const { contract, open } = this.#ports;
    const engine = await openPlanned(side, contract, manifest, open);
    try {
      const opened = { engine, reader: await engine.read(relationOf(contract, side), createMasks(keys.mask)) };
      this.#sides.set(side, opened);
      return opened;
    } catch (error) {
      await engine.close();
      throw error;
    }
  }
}
