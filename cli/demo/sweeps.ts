/** The ledger in a PostgreSQL of this machine against its copy in DynamoDB: swept as it is, and again with differences planted. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Cloud } from '../../local/cloud.ts';
import type { ReferenceLedger } from '../../shared/contract/reference.ts';
import type { Verdict } from '../../shared/verdict/schema.ts';
import type { LocalDatabase } from '../session/database.ts';
import { type Swept, sweepingOn } from '../session/sweeping.ts';
import { evidenceFiles } from '../sweep/evidence.ts';
import { loadLedger } from '../sweep/ledger-database.ts';

export interface DemoSweep {
  readonly what: string;
  readonly verdict: Verdict;
  /** The page; beside it lie the sealed verdict and its log. */
  readonly report: string;
  readonly asExpected: boolean;
}

const DATASET = 'ledger';
/** At the source: a row more, a row less, and another name. */
const PLANTED = [
  "INSERT INTO ledger (kind, id, name) VALUES ('grantor', 'GTR-PLANTED', 'Planted Foundation')",
  "DELETE FROM ledger WHERE kind = 'grant' AND id = 'GRA-0002'",
  "UPDATE ledger SET name = name || ' (renamed)' WHERE kind = 'grantor' AND id = 'GTR-0001'",
];

export interface DemoSweeps {
  readonly cloud: Cloud;
  readonly database: LocalDatabase;
  readonly ledger: ReferenceLedger;
  /** Folder of the evidence. */
  readonly evidence: string;
  readonly progress: (what: string) => void;
}

export async function runSweeps({ cloud, database, ledger, evidence, progress }: DemoSweeps): Promise<DemoSweep[]> {
  const sweeping = sweepingOn(cloud);
  const loaded = await loadLedger(database.place, ledger);
  try {
    await sweeping.place('ledger-database', loaded.reader);
    progress('sweeping the ledger against its copy');
    const clean = await sweeping.sweep(DATASET);
    for (const statement of PLANTED) await loaded.query(statement);
    progress('sweeping again, with three differences planted');
    const drifted = await sweeping.sweep(DATASET);
    return [
      {
        what: 'as it is',
        verdict: clean.verdict,
        report: keep(clean, evidence),
        asExpected: clean.verdict.verdict === 'EQUAL',
      },
      {
        what: 'with a row missing, one extra and one changed',
        verdict: drifted.verdict,
        report: keep(drifted, evidence),
        asExpected: isPlanted(drifted.verdict),
      },
    ];
  } finally {
    sweeping.close();
    await loaded.close();
  }
}

function isPlanted({ verdict, divergences: { missing, extra, changed } }: Verdict): boolean {
  return verdict === 'DIVERGED' && missing === 1 && extra === 1 && changed === 1;
}

/** As `parapet sweep --report` leaves it, so that `parapet verify` takes it. */
function keep({ sweep, files, publicKey }: Swept, folder: string): string {
  const names = evidenceFiles(join(folder, `sweep-${sweep}`));
  mkdirSync(dirname(names.page), { recursive: true });
  const write = (file: string, text: string): void => writeFileSync(file, text, { mode: 0o600 });
  write(names.page, files['report.html']);
  write(names.verdict, files['verdict.json']);
  write(names.entries, files['entries.ndjson']);
  write(names.checkpoint, files.checkpoint);
  write(names.publicKey, publicKey);
  return names.page;
}
