/** The steps of a sweep as their handlers call them, over ports in memory, in the order in which the state machine runs them. */
import { localKeys, localSigner, random } from '../../../cli/sweep/local-keys.ts';
import { sweepObjectKey } from '../../../functions/aws/sweep-store.ts';
import { compareSweep } from '../../../functions/sweep/compare/sides.ts';
import { hashPartition } from '../../../functions/sweep/hash/partition.ts';
import { locateSuspects } from '../../../functions/sweep/locate/suspects.ts';
import { startSweep } from '../../../functions/sweep/plan/start.ts';
import type { ReportAnswer } from '../../../functions/sweep/protocol/messages.ts';
import { sweepGate } from '../../../functions/sweep/protocol/sweep-gate.ts';
import { concludeSweep } from '../../../functions/sweep/report/conclude.ts';
import { parseVerifierKey } from '../../../shared/audit/verifier-key.ts';
import type { Equivalence } from '../../../shared/equivalence/schema.ts';
import type { SignedText } from '../../../shared/ports.ts';
import type { Verdict } from '../../../shared/verdict/schema.ts';
import { verifyVerdict } from '../../../shared/verdict/verify.ts';
import { MemoryGates } from '../memory/gates.ts';
import { MemoryObjectStore } from '../memory/object-store.ts';
import { SIGNER, signed } from './contract.ts';
import { memoryStore, openTables } from './run.ts';
import type { Tables } from './things.ts';

const HASH_ATTEMPTS = 3;

export class DeployedSweeps {
  readonly gates = new MemoryGates();
  readonly audit = new MemoryObjectStore('audit');
  readonly stores = new Map<string, ReturnType<typeof memoryStore>>();
  readonly measured: Verdict[] = [];
  /** Milliseconds left of each invocation of hash, in order; the last stands for all that follow. */
  deadlines: (() => number)[] = [() => 900_000];
  sweeps = JSON.stringify({ things: { partitions: 4, connections: { source: 8, target: 6 } } });
  signer = localSigner();
  code = '0'.repeat(64);
  #ports: ReturnType<DeployedSweeps['make']>;
  #runs = 0;
  readonly tables: Tables;

  constructor(contract: SignedText, tables: Tables) {
    this.tables = tables;
    this.#ports = this.make(contract);
  }

  static async of(contract: Equivalence, tables: Tables): Promise<DeployedSweeps> {
    return new DeployedSweeps(await signed(contract), tables);
  }

  make(contract: SignedText) {
    return {
      contracts: { find: async () => contract },
      contractPins: JSON.stringify({ things: { signers: [SIGNER], minimumVersion: 1 } }),
      open: openTables(this.tables),
      store: (sweep: string) => {
        const store = this.stores.get(sweep) ?? memoryStore();
        this.stores.set(sweep, store);
        return store;
      },
      place: (sweep: string, key: string) => ({ bucket: 'sweep', key: sweepObjectKey(sweep, key) }),
      keys: localKeys(random(32)),
      gate: sweepGate(this.gates),
      random,
      clock: { now: () => Date.now() },
      wait: async () => {},
      audit: this.audit,
      sealName: 'parapet.test',
      measure: (verdict: Verdict) => void this.measured.push(verdict),
    };
  }

  get ports() {
    return { ...this.#ports, sweeps: this.sweeps, signer: this.signer, code: this.code };
  }

  request() {
    this.#runs += 1;
    return { execution: `arn:aws:states:eu-central-1:000000000000:execution:sweep:${this.#runs}`, dataset: 'things' };
  }

  async run(request = this.request()): Promise<ReportAnswer> {
    const { ports } = this;
    const { execution, dataset } = request;
    const answer = await startSweep(request, ports);
    let ending: 'completed' | 'failed' = 'completed';
    if (answer.outcome === 'planned') {
      const items: { side: 'source' | 'target'; partition: number }[] = JSON.parse(
        Buffer.from(this.stores.get(answer.sweep)?.objects.get('items') ?? '[]').toString(),
      );
      for (const item of items) if (!(await this.hash({ execution, dataset, ...item }))) break;
      const compared = await compareSweep(request, ports);
      if (compared.outcome !== 'incomplete') await locateSuspects(request, ports).catch(() => (ending = 'failed'));
    }
    return this.report(request, ending);
  }

  /** One partition, as often as the state machine tries it: false when the fan-out ends there. */
  async hash(request: Parameters<typeof hashPartition>[0]): Promise<boolean> {
    for (let attempt = 1; ; ) {
      const [next = () => 900_000, ...more] = this.deadlines;
      if (more.length > 0) this.deadlines = more;
      try {
        const { outcome } = await hashPartition(request, { ...this.ports, deadline: { remaining: next } });
        if (outcome !== 'continued') return outcome === 'done';
      } catch {
        if (attempt === HASH_ATTEMPTS) return false;
        attempt += 1;
      }
    }
  }

  report(
    request: { readonly execution: string; readonly dataset: string },
    ending: 'completed' | 'failed' | 'timed-out' | 'aborted' = 'completed',
  ): Promise<ReportAnswer> {
    return concludeSweep({ ...request, startedAt: '2026-03-01T12:00:00Z', ending }, this.ports);
  }

  /** The published verdict, verified with the public key alone. */
  async verdict(sweep: string): Promise<Verdict> {
    const file = async (name: string): Promise<string> => {
      const found = await this.audit.get(`sweeps/things/${sweep}/${name}`, { maxBytes: 2 ** 30 });
      return Buffer.from(found?.bytes ?? []).toString('utf8');
    };
    const [document, entries, checkpoint] = [
      await file('verdict.json'),
      await file('entries.ndjson'),
      await file('checkpoint'),
    ];
    const spki = Buffer.from(await this.signer.publicKey()).toString('base64');
    const key = parseVerifierKey(`-----BEGIN PUBLIC KEY-----\n${spki}\n-----END PUBLIC KEY-----\n`);
    return verifyVerdict({ document, entries, checkpoint }, key).verdict;
  }
}
