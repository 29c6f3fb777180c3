/**
 * Computes a verdict once more from what the sweep retained, and holds it against the sealed one, byte by byte. What reading again gave is
 * taken as it was kept: the rows may be others by now. Whatever follows from results follows from them here.
 */
import { compare } from '../../functions/sweep/compare/compare.ts';
import { decodeManifest, type SweepManifest } from '../../functions/sweep/protocol/manifest.ts';
import { SWEEP_KEYS, type SweepStore } from '../../functions/sweep/protocol/ports.ts';
import { decodeLocated, decodeReasons, decodeTrip, readStored } from '../../functions/sweep/protocol/stored.ts';
import { verdictOf } from '../../functions/sweep/report/verdict.ts';
import { sha256Hex } from '../../shared/digest.ts';
import { canonicalJson } from '../../shared/json/canonical.ts';
import type { KeyService } from '../../shared/ports.ts';
import { Problem } from '../../shared/problem.ts';
import { openEquivalence } from '../../shared/signature/equivalence.ts';
import type { SweepEntry, SweepEvent } from '../../shared/verdict/entries.ts';
import type { Verdict } from '../../shared/verdict/schema.ts';
import { encodeVerdict } from '../../shared/verdict/seal.ts';
import { readContract } from './retained.ts';

export interface RecomputePorts {
  readonly store: SweepStore;
  readonly keys: KeyService;
}

export interface Recomputed {
  readonly results: number;
  /** Whether suspects were read again, which only the sweep itself could. */
  readonly located: boolean;
}

/** Both verified already. Throws Problem('evidence-invalid') with the members of the verdict that come out otherwise. */
export async function recompute(
  verdict: Verdict,
  entries: readonly SweepEntry[],
  ports: RecomputePorts,
): Promise<Recomputed> {
  const { store } = ports;
  const { contract, sweep, code } = verdict;
  // Whom to trust was the sweep's to decide, and is the reader's: here only that it is the same contract, signed by the same key.
  const trust = { signers: [contract.signer], allowDevelopmentKeys: true, minimumVersion: 1 };
  const trusted = openEquivalence(await readContract(store), contract.dataset, trust);
  demand(trusted.sha256 === contract.sha256, 'It was made under another contract.');
  const manifest = await manifestOf(store, entries);
  const comparison = manifest === undefined ? undefined : await compare(manifest, trusted.contract.breaker, ports);
  if (comparison !== undefined) demandEvents(comparison.events, entries);
  const located = await readStored(store, SWEEP_KEYS.located, decodeLocated);
  const again = verdictOf({
    sweep,
    trusted,
    code,
    startedAt: Date.parse(verdict.startedAt),
    endedAt: Date.parse(verdict.endedAt),
    failures: (await readStored(store, SWEEP_KEYS.failures('hash'), decodeReasons)) ?? [],
    manifest,
    comparison,
    located,
    trip: await readStored(store, SWEEP_KEYS.trip, decodeTrip),
  });
  // Measured finer than the times are told.
  demandSame(verdict, { ...again, durationMs: verdict.durationMs });
  const results = entries.filter(({ action }) => action === 'partition.hashed').length;
  return { results, located: located !== undefined };
}

/** The one that the log names; none where the sweep came to no plan. */
async function manifestOf(store: SweepStore, entries: readonly SweepEntry[]): Promise<SweepManifest | undefined> {
  const planned = entries.find((entry) => entry.action === 'sweep.planned');
  if (planned?.action !== 'sweep.planned') return undefined;
  const bytes = await store.read(SWEEP_KEYS.manifest);
  if (bytes === undefined) throw new Problem('evidence-invalid', { detail: 'The manifest is missing.' });
  demand(sha256Hex(bytes) === planned.manifest, 'The manifest is another than the log names.');
  return decodeManifest(bytes);
}

/** Every result is the one that the log names, and they add up to what it says of both sides. */
function demandEvents(events: readonly SweepEvent[], entries: readonly SweepEntry[]): void {
  const logged = entries
    .filter(({ action }) => action === 'partition.hashed' || action === 'sweep.compared')
    .map(({ schema: _, sweep: __, sequence: ___, time: ____, ...event }) => canonicalJson(event));
  const found = events.map((event) => canonicalJson(event));
  demand(
    logged.length === found.length && logged.every((event, index) => event === found[index]),
    'The results are others than the log names.',
  );
}

function demandSame(verdict: Verdict, again: Verdict): void {
  if (encodeVerdict(verdict) === encodeVerdict(again)) return;
  const members = Object.keys({ ...verdict, ...again }).filter(
    (name) => memberText(verdict, name) !== memberText(again, name),
  );
  throw new Problem('evidence-invalid', {
    detail: 'The results give another verdict.',
    errors: members.map((name) => ({ code: 'evidence-invalid', pointer: `/${name}`, rule: 'as the results give it' })),
  });
}

const memberText = (verdict: Verdict, name: string): string =>
  name in verdict ? canonicalJson(Reflect.get(verdict, name)) : '';

function demand(condition: boolean, otherwise: string): void {
  if (!condition) throw new Problem('evidence-invalid', { detail: otherwise });
}
