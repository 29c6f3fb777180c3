/** Two files of the same things in a folder of their own, and a signed contract that names them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Equivalence } from '../../../shared/equivalence/schema.ts';
import { contractOf, SIGNER, signed } from './contract.ts';

export interface Thing {
  readonly id: number;
  readonly name: string;
  readonly email: string;
  readonly amount: string;
}

export const thing = (id: number): Thing => ({
  id,
  name: `thing ${id}`,
  email: `canary-${id}@example.org`,
  amount: `${id}.50`,
});

export type FileFormatName = 'csv' | 'ndjson' | 'json' | 'parquet';

export const filesEndpoint = (path: string, format: FileFormatName, more: object = {}): Equivalence['source'] => ({
  engine: 'files',
  connection: path.replace(/[^a-z]/g, '-'),
  consistency: 'frozen',
  location: { path },
  format,
  ...more,
});

export const csvOf = (rows: readonly Thing[]): string =>
  `id,name,email,amount\n${rows.map(({ id, name, email, amount }) => `${id},"${name}",${email},${amount}\n`).join('')}`;

export const ndjsonOf = (rows: readonly Thing[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

export const FILES_CONTRACT = contractOf({
  dataset: 'file-things',
  source: filesEndpoint('source.csv', 'csv'),
  target: filesEndpoint('target.ndjson', 'ndjson'),
  key: ['id'],
  columns: [
    { name: 'id', type: { kind: 'integer' }, source: { type: 'text' }, target: { type: 'number' } },
    { name: 'name', type: { kind: 'text' }, source: { type: 'text' }, target: { type: 'string' } },
    {
      name: 'email',
      type: { kind: 'text' },
      class: 'pii',
      mask: 'token',
      source: { type: 'text' },
      target: { type: 'string' },
    },
    { name: 'amount', type: { kind: 'decimal' }, source: { type: 'text' }, target: { type: 'string' } },
  ],
});

export class ThingFiles {
  readonly folder = mkdtempSync(join(tmpdir(), 'parapet-things-'));
  readonly contract = this.at('contract.json');
  readonly signer = SIGNER;
  readonly urls = {
    source: pathToFileURL(this.at('source.csv')).href,
    target: pathToFileURL(this.at('target.ndjson')).href,
  };

  /** Gates and breakers of these files alone. */
  get state(): string {
    return this.at('state');
  }

  at(name: string): string {
    return join(this.folder, name);
  }

  async write(source: readonly Thing[], target: readonly Thing[], contract = FILES_CONTRACT): Promise<void> {
    writeFileSync(this.at('source.csv'), csvOf(source));
    writeFileSync(this.at('target.ndjson'), ndjsonOf(target));
    const { text, signature } = await signed(contract);
    writeFileSync(this.contract, text);
    writeFileSync(`${this.contract}.jws`, signature);
  }

  /** What a person would type, without `parapet`. */
  get arguments(): readonly string[] {
    const { contract, signer, urls } = this;
    const sides = ['--source', urls.source, '--target', urls.target];
    return ['sweep', '--contract', contract, '--signer', signer, ...sides, '--state', this.state];
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export const manyThings = (count: number, change: (row: Thing) => Thing | undefined = (row) => row): Thing[] =>
  Array.from({ length: count }, (_, id) => change(thing(id))).filter((row) => row !== undefined);
