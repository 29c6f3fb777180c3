/** The sweep's one secret: made by plan, wrapped in the manifest, opened by hash and locate. Compare opens the cell key, and nothing else. */
import { decrypt, encrypt, zeroise } from '../../../shared/envelope/cipher.ts';
import { deriveSweepKeys, type SweepKeys } from '../../../shared/fingerprint/keys.ts';
import type { KeyContext, KeyService, Random } from '../../../shared/ports.ts';
import type { SweepManifest } from './manifest.ts';

const context = (sweep: string, purpose: 'sweep' | 'cells'): KeyContext => ({ purpose: `parapet-${purpose}`, sweep });
const boundTo = (sweep: string): string => `parapet-cells ${sweep}`;

export async function makeSweepKeys(
  sweep: string,
  service: KeyService,
  random: Random,
): Promise<{ readonly keys: SweepKeys } & Pick<SweepManifest, 'sweepKey' | 'cellKey'>> {
  const made = await service.generate(context(sweep, 'sweep'));
  const keys = deriveSweepKeys(made.plaintext);
  zeroise(made.plaintext);
  const cells = await service.generate(context(sweep, 'cells'));
  const sealed = encrypt(cells.plaintext, boundTo(sweep), keys.cell, random);
  zeroise(cells.plaintext);
  return {
    keys,
    sweepKey: Buffer.from(made.wrapped).toString('base64'),
    cellKey: { wrapped: Buffer.from(cells.wrapped).toString('base64'), sealed },
  };
}

export async function openSweepKeys({ sweep, sweepKey }: SweepManifest, service: KeyService): Promise<SweepKeys> {
  const opened = await service.open(Buffer.from(sweepKey, 'base64'), context(sweep, 'sweep'));
  const keys = deriveSweepKeys(opened);
  zeroise(opened);
  return keys;
}

export async function openCellKey({ sweep, cellKey }: SweepManifest, service: KeyService): Promise<Uint8Array> {
  const opened = await service.open(Buffer.from(cellKey.wrapped, 'base64'), context(sweep, 'cells'));
  const key = decrypt(opened, boundTo(sweep), cellKey.sealed);
  zeroise(opened);
  return key;
}
