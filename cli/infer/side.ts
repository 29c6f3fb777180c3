/** What a draft is made of: two places, and what their engines say of them. */
import type { RelationSchema } from '../../functions/sweep/engines/engine.ts';
import type { SideName } from '../../shared/equivalence/relation.ts';
import type { Endpoint } from '../../shared/equivalence/schema.ts';

export interface DraftSide {
  readonly endpoint: Endpoint;
  readonly schema: RelationSchema;
}

/** Whoever reads a draft sees the names of both engines; no value of theirs was read for it, but for the types of documents. */
export type DraftSides = Readonly<Record<SideName, DraftSide>>;
