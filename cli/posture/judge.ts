import type { Deployed } from '../deployed/deployed.ts';
import { templateDifferences } from '../deployed/differences.ts';
import { type Attestations, attested } from './attestations.ts';
import { type Finding, notChecked, type Row, type Section, type View } from './row.ts';
import { complianceAndDocumentation } from './rows/compliance-and-documentation.ts';
import { encryptionAndNetwork } from './rows/encryption-and-network.ts';
import { loggingAndMonitoring } from './rows/logging-and-monitoring.ts';
import { secretsAndAccess } from './rows/secrets-and-access.ts';

/** The production checklist, in its own order and words. */
export const CHECKLIST: readonly Section[] = [
  secretsAndAccess,
  encryptionAndNetwork,
  loggingAndMonitoring,
  complianceAndDocumentation,
];

export interface JudgedRow extends Finding {
  readonly id: string;
  readonly section: string;
  readonly item: string;
}

export interface JudgeOptions {
  /** Without one, the configuration is judged by itself. */
  readonly deployed?: Deployed;
  readonly attestations?: Attestations;
  readonly now?: number;
}

export async function judge(view: View, { deployed, attestations = {}, now = Date.now() }: JudgeOptions = {}) {
  const stack = deployed === undefined ? undefined : { deployed, doubt: await doubtOf(deployed) };
  const judged: JudgedRow[] = [];
  for (const { title, rows } of CHECKLIST) {
    for (const row of rows) {
      const planned = row.judge(view);
      const found = stack === undefined ? planned : await asDeployed(row, planned, stack);
      judged.push({ id: row.id, section: title, item: row.item, ...attested(found, row, attestations, now) });
    }
  }
  return judged;
}

/** Why what these templates say may not be what the stack is; nothing where it is. */
async function doubtOf(deployed: Deployed): Promise<string | undefined> {
  const asked = await templateDifferences(deployed);
  if (!asked.answered) return `the stack’s templates could not be compared with these: ${asked.because}`;
  if (asked.value.length === 0) return undefined;
  const names = [...new Set(asked.value.map(({ logicalId }) => logicalId))];
  return `the stack’s templates are not these (${names.length} resources: ${names.slice(0, 5).join(', ')}${names.length > 5 ? ', …' : ''}); parapet doctor lists them`;
}

async function asDeployed(
  row: Row,
  planned: Finding,
  { deployed, doubt }: { readonly deployed: Deployed; readonly doubt: string | undefined },
): Promise<Finding> {
  if (planned.state !== 'pass' || row.ofRepository === true) return planned;
  if (row.ask !== undefined) {
    const asked = await row.ask(deployed);
    return { ...asked, seen: [...planned.seen, ...asked.seen] };
  }
  if (doubt !== undefined) return notChecked(doubt);
  return planned;
}
