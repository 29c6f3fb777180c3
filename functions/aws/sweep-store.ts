import type { ObjectStore } from '../../shared/ports.ts';
import { Problem } from '../../shared/problem.ts';
import type { SweepStore } from '../sweep/protocol/ports.ts';

/** A sketch ends at 2³⁰ bytes; what else lies there is smaller. */
const MAX_BYTES = 1.25 * 2 ** 30;

/** `results/source/3/0` of a sweep → `results/<sweep>/source/3/0`: what it is comes first, so that policies and lifecycles go by it. */
export function sweepObjectKey(sweep: string, key: string): string {
  if (!/^[0-9a-f]{32}$/.test(sweep)) throw new Problem('internal-failure', { detail: 'A sweep has another id.' });
  const [kind, ...rest] = key.split('/');
  return [kind, sweep, ...rest].join('/');
}

/** One sweep's objects in the bucket of all. */
export class ObjectSweepStore implements SweepStore {
  readonly #objects: ObjectStore;
  readonly #sweep: string;

  constructor(objects: ObjectStore, sweep: string) {
    this.#objects = objects;
    this.#sweep = sweep;
  }

  async create(key: string, bytes: Uint8Array): Promise<boolean> {
    const name = sweepObjectKey(this.#sweep, key);
    const { outcome } = await this.#objects.create(name, bytes, { contentType: 'application/octet-stream' });
    return outcome === 'created';
  }

  async read(key: string): Promise<Uint8Array | undefined> {
    const found = await this.#objects.get(sweepObjectKey(this.#sweep, key), { maxBytes: MAX_BYTES });
    return found?.bytes;
  }
}
