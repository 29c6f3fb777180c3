/** Contracts of sweeps for tests, and their signatures. */
import { createHash, generateKeyPairSync } from 'node:crypto';
import type { ColumnType } from '../../../shared/canonical/column-type.ts';
import type { Equivalence } from '../../../shared/equivalence/schema.ts';
import type { SignedText } from '../../../shared/ports.ts';
import { DOCUMENT_TYPES, signDetached } from '../../../shared/signature/detached.ts';
import { keyId, localSigner } from '../../../shared/signature/signer.ts';

export type ColumnDraft = {
  readonly name: string;
  readonly type: ColumnType;
  readonly source?: { readonly name?: string; readonly type?: string };
  readonly target?: { readonly name?: string; readonly type?: string };
} & Partial<Pick<Equivalence['columns'][number], 'class' | 'mask' | 'nullable' | 'absent' | 'tolerance'>>;

export type ContractDraft = Partial<Omit<Equivalence, 'columns' | 'key'>> & {
  readonly key: readonly string[];
  readonly columns: readonly ColumnDraft[];
};

export const memoryEndpoint = (table: string, consistency: 'frozen' | 'settled' = 'frozen'): Equivalence['source'] => ({
  engine: 'postgres',
  connection: 'memory',
  consistency,
  schema: 'public',
  table,
});

export function contractOf({ key, columns, ...rest }: ContractDraft): Equivalence {
  return {
    kind: 'equivalence',
    dataset: 'things',
    version: 1,
    title: 'Things, here and there',
    source: memoryEndpoint('left'),
    target: memoryEndpoint('right'),
    key: [...key],
    columns: columns.map(({ name, type, source, target, ...more }) => ({
      name,
      type,
      class: 'public',
      mask: 'none',
      nullable: !key.includes(name),
      ...more,
      source: { name: source?.name ?? name, type: source?.type ?? 'any' },
      target: { name: target?.name ?? name, type: target?.type ?? 'any' },
    })),
    breaker: {},
    settle: { delaySeconds: 1, attempts: 3 },
    freshHours: 24,
    ...rest,
  };
}

const pair = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
export const SIGNER = keyId(pair.publicKey);
export const SIGNING_KEY = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

export async function signed(contract: Equivalence): Promise<SignedText> {
  const text = JSON.stringify(contract);
  return { text, signature: await signDetached(text, DOCUMENT_TYPES.equivalence, localSigner(pair.privateKey)) };
}

export const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');
