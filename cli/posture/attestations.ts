/** What no template and no service can show, and somebody answers for by name. */
import * as z from 'zod';
import { Problem } from '../../shared/problem.ts';
import { readText } from '../files.ts';
import type { Finding, Row } from './row.ts';

const Attestation = z.strictObject({
  state: z.enum(['pass', 'fail', 'not-applicable']),
  because: z.string().min(1),
  by: z.string().min(1),
  /** The day on which it was so. */
  on: z.iso.date(),
});
export type Attestations = Readonly<Record<string, z.infer<typeof Attestation>>>;

/** Nobody answers for longer than the year in which a rehearsal, a training and an audit come round. */
const VALID_DAYS = 365;
const DAY_MS = 86_400_000;

/** @throws Problem `configuration-invalid` for a file that is none, or that speaks of a row which takes none. */
export function readAttestations(file: string, rows: readonly Row[]): Attestations {
  let document: unknown;
  try {
    document = JSON.parse(readText(file));
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw new Problem('configuration-invalid', { detail: `${file} is not JSON.` });
  }
  const parsed = z.record(z.string(), Attestation).safeParse(document);
  if (!parsed.success) {
    const places = parsed.error.issues.map(({ path }) => `/${path.join('/')}`).join(', ');
    throw new Problem('configuration-invalid', { detail: `${file} holds what is no attestation: ${places}.` });
  }
  const takes = rows.filter(({ attestable }) => attestable === true).map(({ id }) => id);
  const stray = Object.keys(parsed.data).filter((id) => !takes.includes(id));
  if (stray.length > 0) {
    const detail = `${file}: ${stray.join(', ')} takes no word for it. Rows that do: ${takes.join(', ')}.`;
    throw new Problem('configuration-invalid', { detail });
  }
  return parsed.data;
}

/** The word of somebody where nothing could be seen. What was seen counts more: a pass or fail stays. */
export function attested(found: Finding, row: Row, attestations: Attestations, now: number): Finding {
  const word = attestations[row.id];
  if (word === undefined || found.state !== 'not-checked') return found;
  const { state, because, by, on } = word;
  const days = Math.floor((now - Date.parse(on)) / DAY_MS);
  if (days < 0) return { ...found, because: `${found.because}; ${by} answers for ${on}, which has not come` };
  if (days > VALID_DAYS) {
    return { ...found, because: `${found.because}; ${by} answered for it on ${on}, more than a year ago` };
  }
  return { state, because: `${because} (${by}, ${on})`, seen: ['attestation', ...found.seen] };
}
