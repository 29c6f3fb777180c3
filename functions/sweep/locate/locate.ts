/**
 * The fourth step: reads the suspects again, and says which rows differ, and in which columns. Of settled sides, after a delay and as often as
 * the contract allows: what was in flight has arrived by then, and what is lost has not. Of frozen sides once, in the same state.
 */
import { createMasks } from '../../../shared/equivalence/mask.ts';
import { SIDES, type SideName } from '../../../shared/equivalence/relation.ts';
import type { Equivalence } from '../../../shared/equivalence/schema.ts';
import type { KeyService } from '../../../shared/ports.ts';
import type { DecodedItem } from '../../../shared/sketch/decoded.ts';
import { type Reason, reasonOf } from '../../../shared/verdict/reasons.ts';
import type { KeyProof } from '../../../shared/verdict/schema.ts';
import { oneSided, type Suspect, suspectsOf } from '../../../shared/verdict/suspects.ts';
import type { Engine } from '../engines/engine.ts';
import { openSweepKeys } from '../protocol/keys.ts';
import type { Located } from '../protocol/located.ts';
import type { SweepManifest } from '../protocol/manifest.ts';
import { listDivergences } from './list.ts';
import { type LongKeys, resolveLongKeys } from './long-keys.ts';
import { SideAgain, SideFailure } from './read-again.ts';
import { type BothSides, readByKey, readWhole } from './read-suspects.ts';
import { Suspicion } from './suspicion.ts';

export interface LocateRequest {
  readonly contract: Equivalence;
  readonly manifest: SweepManifest;
  readonly items: readonly DecodedItem[];
  /** Whether the items are all that differs. */
  readonly complete: boolean;
  readonly keySample: readonly Uint8Array[];
  /** False: list what was decoded, and read nothing. The breaker asks for that. */
  readonly read: boolean;
}

export interface LocatePorts {
  /** Opens a side anew: frozen, in the state that was swept; settled, as it is now. */
  readonly open: (side: SideName) => Promise<Engine>;
  readonly keys: KeyService;
  readonly wait: (milliseconds: number) => Promise<void>;
}

export async function locate(request: LocateRequest, ports: LocatePorts): Promise<Located> {
  const { contract, manifest, items, complete } = request;
  const { frozen } = manifest;
  const keys = await openSweepKeys(manifest, ports.keys);
  const masks = createMasks(keys.mask);
  const suspicions = suspectsOf(items).map((suspect) => new Suspicion(suspect, complete));
  const scans = { source: 0, target: 0 };
  const failures: Reason[] = [];
  let longKeys: LongKeys = new Map();
  const readings = !request.read ? 0 : frozen ? 1 : contract.settle.attempts;
  // Rows without a key were counted, and what was counted in a frozen state is so.
  const needed = contract.key.length > 0 || !frozen;
  for (let reading = 0; needed && reading < readings && failures.length === 0; reading++) {
    const open = suspicions.filter(({ outcome }) => outcome === 'open');
    if (open.length === 0) break;
    if (!frozen) await ports.wait(contract.settle.delaySeconds * 1000);
    try {
      await using sides = await openBoth((side) => SideAgain.open(side, contract, ports.open, masks, keys), scans);
      if (contract.key.length === 0) await readWhole(open, manifest.sketch, keys, sides);
      else {
        const more = await resolveLongKeys(unresolved(open, longKeys), manifest.sketch, keys.keyId, sides);
        longKeys = new Map([...longKeys, ...more]);
        await readByKey(open, contract, longKeys, sides);
      }
    } catch (error) {
      if (!(error instanceof SideFailure)) throw error;
      failures.push(reasonOf(error.cause, 'again', error.side));
    }
  }
  const unread = failures.length > 0 || readings === 0 || !needed;
  const tolerant = contract.columns.some(({ tolerance }) => tolerance !== undefined);
  const confirmed = suspicions.filter(
    ({ outcome, suspect }) =>
      outcome === 'confirmed' ||
      (frozen && unread && outcome === 'open' && (!tolerant || (complete && isUneven(suspect)))),
  );
  const unique = proofs(manifest, suspicions);
  const list = listDivergences(confirmed, {
    contract,
    masks,
    longKeys,
    keySample: request.keySample,
    unique: SIDES.every((side) => unique[side] === 'declared'),
  });
  const count = (outcome: Suspicion['outcome']): number => suspicions.filter((one) => one.outcome === outcome).length;
  const open = suspicions.length - confirmed.length - count('cleared') - count('tolerated');
  return {
    suspects: {
      found: suspicions.length,
      confirmed: confirmed.length,
      cleared: count('cleared'),
      tolerated: count('tolerated'),
      unsettled: open,
    },
    // Rows of a frozen side are what they were: a suspect that was read otherwise, or not found to differ, says that it is not frozen.
    unstable: frozen && !unread ? open + count('cleared') : 0,
    failures,
    tolerated: toleratedColumns(suspicions),
    unique,
    scans,
    ...list,
  };
}

/** More rows on one side than on the other: no tolerance of a column makes that the same. */
function isUneven({ difference }: Suspect): boolean {
  const { missing, extra } = oneSided(difference);
  return missing !== extra;
}

function unresolved(open: readonly Suspicion[], known: LongKeys) {
  return open
    .map(({ suspect }) => suspect)
    .filter(({ key }) => key.kind === 'id' && !known.has(Buffer.from(key.id).toString('hex')));
}

async function openBoth(
  open: (side: SideName) => Promise<SideAgain>,
  scans: Record<SideName, number>,
): Promise<BothSides & AsyncDisposable> {
  const source = await open('source');
  try {
    const target = await open('target');
    const close = async (side: SideAgain): Promise<void> => {
      scans[side.side] += side.scans;
      await side.close();
    };
    return {
      source,
      target,
      [Symbol.asyncDispose]: async () => {
        await Promise.allSettled([close(source), close(target)]);
      },
    };
  } catch (error) {
    await source.close();
    throw error;
  }
}

function proofs(manifest: SweepManifest, suspicions: readonly Suspicion[]): Record<SideName, KeyProof> {
  const proof = (side: SideName): KeyProof => {
    const read = suspicions.flatMap(({ rows }) => (rows === undefined ? [] : [rows[side]]));
    if (read.some((rows) => rows > 1)) return 'violated';
    if (manifest[side].unique === 'declared') return 'declared';
    return read.length > 0 ? 'observed' : 'unknown';
  };
  return { source: proof('source'), target: proof('target') };
}

function toleratedColumns(suspicions: readonly Suspicion[]): { column: string; rows: number }[] {
  const rows = new Map<string, number>();
  for (const { outcome, examined } of suspicions) {
    if (outcome !== 'tolerated' && outcome !== 'confirmed') continue;
    for (const column of examined?.tolerated ?? []) rows.set(column, (rows.get(column) ?? 0) + 1);
  }
  return [...rows].map(([column, times]) => ({ column, rows: times })).sort((a, b) => (a.column < b.column ? -1 : 1));
}
