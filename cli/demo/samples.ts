/**
 * What the demonstration uploads: good and mixed files in all four formats, what hostile senders would try, credentials
 * that must be refused, and the same submission twice.
 */
import { generateKeyPairSync } from 'node:crypto';
import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { ReferenceLedger } from '../../shared/contract/reference.ts';
import type { Contract } from '../../shared/contract/schema.ts';
import type { SubmissionGrant } from '../../shared/credential/mint.ts';
import type { ProblemCode } from '../../shared/problem.ts';
import { hostileSamples } from '../../shared/sample/hostile.ts';
import { sampleRecords, sampleText } from '../../shared/sample/sample.ts';
import { MEDIA_TYPE_OF, SAMPLE_FORMATS, type SampleFormat } from '../../shared/sample/write.ts';
import { type Es256Signer, localSigner } from '../../shared/signature/signer.ts';

/** How the token of a sample is made: rightly, not at all, or in a way that must be refused. */
export interface SampleToken {
  readonly claims?: Partial<SubmissionGrant>;
  /** Signs instead of the issuer. */
  readonly signer?: Es256Signer;
  /** Changes the token after it was signed. */
  readonly tamper?: (token: string) => string;
  readonly absent?: true;
}

export interface Sample {
  /** File name; the object's key is `uploads/<name>`. */
  readonly name: string;
  readonly kind: 'good' | 'mixed' | 'hostile' | 'credential' | 'duplicate';
  readonly contentType: string | undefined;
  /** What it is uploaded from: another sample's file, where the two have the same bytes. */
  readonly file: string;
  readonly token: SampleToken;
  readonly idempotencyKey?: string;
  /** What must become of it: exported in part or whole, or refused with this code. */
  readonly expected: 'exported' | 'partly-exported' | 'quarantined' | ProblemCode;
  /** Uploaded after everything before it is settled. */
  readonly after?: true;
}

export interface SampleOptions {
  readonly contract: Contract;
  readonly ledger: ReferenceLedger;
  readonly folder: string;
  /** Records of each good and mixed file. */
  readonly records: number;
}

/** Share of faulty records in the mixed files. */
const FAULTS = 0.15;
const CONTACTS = 40;
const RFC_7515_NONE = Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url');

export function writeSamples(options: SampleOptions): readonly Sample[] {
  const { contract, ledger } = options;
  const write = (name: string, pieces: Iterable<string | Uint8Array>): string => {
    const file = join(options.folder, name);
    const descriptor = openSync(file, 'w', 0o600);
    try {
      for (const piece of pieces) writeSync(descriptor, Buffer.from(piece));
    } finally {
      closeSync(descriptor);
    }
    return file;
  };
  const grants = (format: SampleFormat, seed: string, records: number, faults: number) =>
    sampleText({ contract, ledger, format, records, seed, faults, contacts: CONTACTS });

  const files = SAMPLE_FORMATS.flatMap((format): Sample[] => [
    {
      name: `good.${format}`,
      kind: 'good',
      contentType: MEDIA_TYPE_OF[format],
      file: write(`good.${format}`, grants(format, `good-${format}`, options.records, 0)),
      token: {},
      expected: 'exported',
    },
    {
      name: `mixed.${format}`,
      kind: 'mixed',
      contentType: MEDIA_TYPE_OF[format],
      file: write(`mixed.${format}`, grants(format, `mixed-${format}`, options.records, FAULTS)),
      token: {},
      expected: 'partly-exported',
    },
  ]);
  // With this restriction any purpose is a good one, so that what is refused is refused for what is hostile in it.
  const candidates = sampleRecords({
    contract,
    ledger,
    format: 'json',
    records: 50,
    seed: 'hostile',
    faults: 0,
    contacts: 1,
  });
  const good = candidates.find(({ record }) => record.fund_restriction === 'purpose-restricted');
  const hostile = hostileSamples(contract, good?.record ?? {}).map((sample): Sample => {
    const name = `${sample.name}.${sample.extension}`;
    const clean = sample.records?.every((code) => code === 'ok') === true;
    return {
      name,
      kind: 'hostile',
      contentType: undefined,
      file: write(name, sample.bytes()),
      token: {},
      expected: sample.refused ?? (clean ? 'exported' : 'partly-exported'),
    };
  });
  const small = write('small.ndjson', grants('ndjson', 'credential', 5, 0));
  return [
    ...files,
    ...hostile,
    ...credentials(small),
    ...duplicates(files[0], write('other.ndjson', grants('ndjson', 'other', 5, 0))),
  ];
}

/** One mistake each; the payload is the same and good. */
function credentials(file: string): Sample[] {
  const now = Math.floor(Date.now() / 1000);
  const stranger = localSigner(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey);
  const cases: readonly [name: string, token: SampleToken, expected: ProblemCode][] = [
    ['no-token', { absent: true }, 'credential-missing'],
    ['expired', { claims: { issuedAt: now - 7_200, expiresAt: now - 3_600 } }, 'credential-expired'],
    ['wrong-audience', { claims: { audience: 'parapet:elsewhere' } }, 'credential-audience'],
    ['no-ingest-scope', { claims: { scopes: ['reconcile:read'] } }, 'credential-scope'],
    ['escalation', { claims: { scopes: ['ingest:read', 'reconcile:write'] } }, 'scope-escalation'],
    ['another-object', { claims: { key: 'uploads/elsewhere.ndjson' } }, 'credential-target'],
    ['another-payload', { claims: { sha256: '0'.repeat(64) } }, 'payload-digest'],
    ['unknown-issuer', { claims: { issuer: 'https://nobody.example' } }, 'credential-issuer'],
    // Its key is not among the issuer's, so no signature of it can verify.
    ['forged', { signer: stranger }, 'credential-signature'],
    ['alg-none', { tamper: (token) => `${RFC_7515_NONE}.${token.split('.')[1]}.` }, 'credential-algorithm'],
  ];
  return cases.map(([name, token, expected]) => ({
    name: `${name}.ndjson`,
    kind: 'credential',
    contentType: 'application/x-ndjson',
    file,
    token,
    expected,
  }));
}

function duplicates(good: Sample | undefined, other: string): Sample[] {
  if (good === undefined) return [];
  const again = { kind: 'duplicate', contentType: good.contentType, token: {}, after: true } as const;
  const named = { ...again, contentType: 'application/x-ndjson', idempotencyKey: 'quarter-3' } as const;
  return [
    { ...again, name: 'good-again.csv', file: good.file, expected: 'submission-duplicate' },
    { ...named, name: 'named.ndjson', file: other, expected: 'exported' },
    {
      ...named,
      name: 'named-otherwise.ndjson',
      file: join(good.file, '..', 'small.ndjson'),
      expected: 'submission-conflict',
    },
  ];
}
