import { compileContract } from '../../../shared/contract/compile.ts';
import type { StageRequest, StageResult } from '../../../shared/messages.ts';
import { KEYS } from '../../../shared/names.ts';
import type { ContractSource, RulePackSource } from '../../../shared/ports.ts';
import { Problem } from '../../../shared/problem.ts';
import { type BoundaryPorts, type ChunkWorker, crossBoundary, rejectionOf, type Sorted } from '../protocol/boundary.ts';
import { referenceTo, writeChunk } from '../protocol/chunks.ts';
import { handOver } from '../protocol/handover.ts';
import type { Attempt } from '../protocol/lease.ts';
import type { Manifest } from '../protocol/manifest.ts';
import { loadSameContract } from '../protocol/pins.ts';
import type { Rejection } from '../protocol/quarantine.ts';
import { recordDigest, type WorkingRecord } from '../protocol/working-record.ts';
import { type Judgement, judgeChunk, type Path } from './judging.ts';
import { loadRulePacks, type RulePacks } from './rule-pack.ts';
import { SANDBOX_LIMITS, type SandboxLimits } from './sandbox.ts';

export interface ProcessingPorts extends BoundaryPorts {
  readonly rulePacks: RulePackSource;
  readonly rulePackPins: string;
  readonly contracts: ContractSource;
  readonly contractPins: string;
  readonly sandboxLimits?: SandboxLimits;
}

/**
 * The third boundary: the rules of the grantor's pack, in a machine without I/O, clock or chance; and, where the pack fails,
 * its pinned fallback. Which of the two judged a chunk, and why, is in the chunk's commit.
 */
export function processRecords(request: StageRequest, ports: ProcessingPorts): Promise<StageResult> {
  return crossBoundary('processing', request, ports, (manifest, attempt) => prepare(ports, manifest, attempt));
}

async function prepare(ports: ProcessingPorts, manifest: Manifest, attempt: Attempt): Promise<ChunkWorker> {
  const { origin } = manifest;
  const { contract, sha256 } = await loadSameContract(ports, origin.contract);
  const packs = await loadRulePacks(contract, ports.rulePacks, ports.rulePackPins);
  const compiled = compileContract(contract);
  const options = { limits: ports.sandboxLimits ?? SANDBOX_LIMITS, clock: ports.clock };
  return {
    events: [],
    sort: async ({ index }, records) => {
      const judgement = await judgeChunk(records, packs, compiled, options);
      const { passed, rejections } = partition(records, judgement);
      const key = KEYS.chunk('processing', attempt.run, attempt.attempt, index);
      const outputs = await writeChunk(ports.working, key, passed);
      const { path } = judgement;
      return { passed: passed.length, rejections, outputs, rules: [sha256, ...usedBy(path, packs)], path };
    },
    finish: (commits, counts) => {
      const chunks = manifest.chunks.flatMap(({ index, vault }) => {
        const commit = commits.get(index);
        return commit === undefined ? [] : (referenceTo(commit, vault) ?? []);
      });
      const rules = [...commits.values()].flatMap((commit) => commit.rules);
      const crossing = { counts, rules, transitions: manifest.transitions };
      return handOver(ports, { ...attempt, stage: 'processing' }, origin, chunks, crossing);
    },
  };
}

function partition(
  records: readonly WorkingRecord[],
  { verdicts }: Judgement,
): { readonly passed: WorkingRecord[]; readonly rejections: Sorted['rejections'] } {
  const passed: WorkingRecord[] = [];
  const rejections: Rejection[] = [];
  for (const [index, record] of records.entries()) {
    const verdict = verdicts[index];
    if (verdict === undefined) throw new Problem('internal-failure', { detail: 'A record has no verdict.' });
    if ('record' in verdict) passed.push(verdict);
    else rejections.push(rejectionOf(record, verdict, recordDigest(record.fields)));
  }
  return { passed, rejections };
}

/** The packs that had a say in what was taken. */
function usedBy({ engine }: Path, { primary, fallback }: RulePacks): string[] {
  if (engine === 'pack') return [primary.sha256];
  return engine === 'fallback' ? [fallback.sha256] : [];
}
