import type { Destination, DestinationSource } from '../../../shared/ports.ts';

/** Who receives which grantor's records (requirement B17): registered destinations only, each asked for once per invocation. */
export class Destinations {
  readonly #source: DestinationSource;
  readonly #dataset: string;
  readonly #known = new Map<string, Destination | undefined>();

  constructor(source: DestinationSource, dataset: string) {
    this.#source = source;
    this.#dataset = dataset;
  }

  /** Reads what is not known yet of these grantors, in batches. */
  async learn(grantors: Iterable<string>): Promise<void> {
    const unknown = [...new Set(grantors)].filter((grantor) => !this.#known.has(grantor));
    if (unknown.length === 0) return;
    const found = await this.#source.find(unknown);
    for (const grantor of unknown) this.#known.set(grantor, found.get(grantor));
  }

  /** The grantor's destination, if it may receive this dataset. */
  of(grantor: string): Destination | undefined {
    const destination = this.#known.get(grantor);
    return destination?.datasets.includes(this.#dataset) ? destination : undefined;
  }
}
