import type { Output } from '../../../shared/audit/fields.ts';
import type { CompiledContract } from '../../../shared/contract/compiled.ts';
import { sha256Hex } from '../../../shared/digest.ts';
import { encryptionContext } from '../../../shared/envelope/context.ts';
import { chunkName, VaultSegmentBuilder } from '../../../shared/envelope/vault.ts';
import { KEYS } from '../../../shared/names.ts';
import type { Origin } from '../../../shared/origin.ts';
import type { KeyService, ObjectStore, Random, SubjectKeyStore } from '../../../shared/ports.ts';
import type { ReadRecord } from '../../../shared/reading/records.ts';
import type { Tokeniser } from '../../../shared/token/tokeniser.ts';
import { writeChunk } from '../protocol/chunks.ts';
import { quarantined } from '../protocol/entries.ts';
import type { Attempt } from '../protocol/lease.ts';
import type { QuarantinePorts } from '../protocol/ports.ts';
import { quarantineRecords, type Rejection } from '../protocol/quarantine.ts';
import type { ChunkCommit, StageLog } from '../protocol/stage-log.ts';
import type { WorkingRecord } from '../protocol/working-record.ts';
import { tokenise } from './tokenising.ts';

export interface ChunkWriterPorts extends QuarantinePorts {
  readonly working: ObjectStore;
  readonly vault: ObjectStore;
  readonly vaultKey: KeyService;
  readonly subjectKeys: SubjectKeyStore;
  readonly random: Random;
}

export interface ChunkSetting {
  readonly attempt: Attempt;
  readonly log: StageLog;
  readonly origin: Origin;
  readonly compiled: CompiledContract;
  readonly tokeniser: Tokeniser;
  /** Of the contract. */
  readonly rule: string;
}

/** Collects one chunk of the upload, tokenising as records come, and commits it. */
export class ChunkWriter implements Disposable {
  readonly #ports: ChunkWriterPorts;
  readonly #setting: ChunkSetting;
  readonly #index: number;
  readonly #vault: VaultSegmentBuilder;
  readonly #passed: WorkingRecord[] = [];
  readonly #rejections: Rejection[] = [];

  private constructor(ports: ChunkWriterPorts, setting: ChunkSetting, index: number, vault: VaultSegmentBuilder) {
    this.#ports = ports;
    this.#setting = setting;
    this.#index = index;
    this.#vault = vault;
  }

  /** One call to the key service, for the key that wraps every subject's key of this chunk. */
  static async begin(ports: ChunkWriterPorts, setting: ChunkSetting, index: number): Promise<ChunkWriter> {
    const context = contextOf(setting.attempt, index);
    const kek = await ports.vaultKey.generate(encryptionContext('vault', context));
    return new ChunkWriter(ports, setting, index, new VaultSegmentBuilder(context, kek, ports.random));
  }

  add(read: ReadRecord): void {
    const { compiled, tokeniser } = this.#setting;
    if (read.problems === undefined) {
      this.#passed.push({ record: read.record, fields: tokenise(read.value, compiled, tokeniser, this.#vault) });
    } else {
      const { record, range, raw, problems: errors } = read;
      this.#rejections.push({ record, range, raw, errors, digest: tokeniser.fingerprint(raw ?? nameOf(read)) });
    }
  }

  /**
   * Subject keys first: a vault segment without its keys would be a value that nobody can ever read. Then what the chunk is made
   * of, in any order, as nothing of it counts yet; and then the audit segment, which makes it count.
   */
  async commit(): Promise<ChunkCommit> {
    const { attempt, log, origin, rule } = this.#setting;
    const context = contextOf(attempt, this.#index);
    const kept = this.#passed.length > 0;
    if (kept) await this.#ports.subjectKeys.put(chunkName(context), this.#vault.subjectKeys());
    const key = KEYS.chunk('ingestion', attempt.run, attempt.attempt, this.#index);
    const outputs = await Promise.all([
      writeChunk(this.#ports.working, key, this.#passed),
      kept ? this.#writeVault() : [],
      quarantineRecords(this.#ports, context, { origin, vault: undefined }, this.#rejections),
    ]);
    const counts = {
      received: this.#passed.length + this.#rejections.length,
      passed: this.#passed.length,
      quarantined: this.#rejections.length,
    };
    return log.commitChunk(this.#index, [
      ...this.#rejections.map(quarantined),
      {
        action: 'chunk.committed',
        outcome: 'committed',
        resource: `chunk/${this.#index}`,
        attempt: attempt.attempt,
        counts,
        outputs: outputs.flat(),
        rules: [rule],
      },
    ]);
  }

  [Symbol.dispose](): void {
    this.#vault.dispose();
  }

  async #writeVault(): Promise<Output[]> {
    const { run, attempt } = this.#setting.attempt;
    const key = KEYS.vaultSegment(run, attempt, this.#index);
    const bytes = Buffer.from(this.#vault.segment(), 'utf8');
    await this.#ports.vault.put(key, bytes, { contentType: 'application/json' });
    const records = this.#passed.length;
    return [{ kind: 'vault', key, sha256: sha256Hex(bytes), records, bytes: bytes.byteLength }];
  }
}

export function contextOf({ run, attempt }: Pick<Attempt, 'run' | 'attempt'>, chunk: number) {
  return { stage: 'ingestion', run, attempt, chunk } as const;
}

/** Names a record whose bytes were never held, by where they lie. */
function nameOf({ record, range }: ReadRecord): string {
  return `${record} ${range.start} ${range.end}`;
}
