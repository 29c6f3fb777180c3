/** Makes a seal from the segments of a run. Verification stands in verify-seal.ts. */
import { sha256Hex } from '../digest.ts';
import { TreeBuilder } from '../merkle/builder.ts';
import { leafHash } from '../merkle/hash.ts';
import { Problem } from '../problem.ts';
import type { SealDocument, SealSegment } from './seal-document.ts';
import { decodeLeaf, leavesOf, parseEntry } from './segment.ts';
import { RunTally } from './tally.ts';

/** Takes the segments in the order of the tree, one at a time, and keeps none of them in memory. */
export class SealComposer {
  readonly tally: RunTally;
  readonly #run: string;
  readonly #previous: SealDocument | undefined;
  readonly #tree = new TreeBuilder();
  readonly #segments: SealSegment[] = [];

  /**
   * `previous` is the seal of the generation before: its segments must be added first, in its order, so that its tree is
   * the beginning of this one.
   */
  constructor(run: string, previous?: SealDocument) {
    this.tally = new RunTally(run);
    this.#run = run;
    this.#previous = previous;
  }

  /** Throws Problem('evidence-invalid') when a segment is not what the previous seal says, or its entries contradict. */
  addSegment({ key, versionId }: Pick<SealSegment, 'key' | 'versionId'>, bytes: Uint8Array): void {
    const sha256 = sha256Hex(bytes);
    const sealed = this.#previous?.segments[this.#segments.length];
    if (sealed !== undefined && (sealed.key !== key || sealed.sha256 !== sha256)) {
      throw new Problem('evidence-invalid', { detail: 'A segment is not the one that was sealed before.' });
    }
    const leaves = [...leavesOf(bytes)];
    this.tally.addSegment(
      key,
      leaves.map((leaf) => parseEntry(decodeLeaf(leaf))),
    );
    this.#segments.push({ key, versionId, sha256, firstLeaf: this.#tree.size, leaves: leaves.length });
    for (const leaf of leaves) this.#tree.append(leafHash(leaf));
  }

  /**
   * The document and the root, once `run.ended` has been added as the last segment. Throws Problem('evidence-invalid')
   * when it has not, or when segments of the previous seal are missing.
   */
  finish(): { readonly document: SealDocument; readonly root: Uint8Array } {
    const { ended } = this.tally;
    if (ended === undefined || ended.generation !== (this.#previous?.generation ?? 0) + 1) {
      throw new Problem('evidence-invalid', { detail: 'The run has no end in this generation.' });
    }
    if (this.#segments.length <= (this.#previous?.segments.length ?? 0)) {
      throw new Problem('evidence-invalid', { detail: 'A segment that was sealed before is missing.' });
    }
    const root = this.#tree.root();
    const document: SealDocument = {
      schema: 1,
      run: this.#run,
      generation: ended.generation,
      outcome: ended.outcome,
      counts: ended.counts,
      actions: { ...this.tally.actions },
      tree: { size: this.#tree.size, root: Buffer.from(root).toString('base64') },
      ...(this.#previous === undefined ? {} : { previous: this.#previous.tree }),
      segments: this.#segments,
    };
    return { document, root };
  }
}
