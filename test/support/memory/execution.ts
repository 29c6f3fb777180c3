import { toFailure } from '../../../functions/runtime/invocation.ts';
import { keepCustody } from '../../../functions/submission/custodian/custodian.ts';
import { exportRecords } from '../../../functions/submission/egress/egress.ts';
import { ingest } from '../../../functions/submission/ingestion/ingestion.ts';
import { processRecords } from '../../../functions/submission/processing/processing.ts';
import { reconcile } from '../../../functions/submission/reconciliation/reconciliation.ts';
import { seal } from '../../../functions/submission/seal/seal.ts';
import type {
  CustodyRequest,
  ManifestReference,
  SealRequest,
  SealResult,
  StageRequest,
  StageResult,
  UploadReference,
} from '../../../shared/messages.ts';
import type { Stage } from '../../../shared/names.ts';
import type { World } from './world.ts';

export const EXECUTION = 'arn:aws:states:eu-central-1:111122223333:execution:submission:one';

export interface ExecutionOptions {
  readonly execution?: string;
  /** How often a stage that fails is invoked again. */
  readonly retries?: number;
}

export interface Execution {
  readonly stages: readonly StageResult[];
  readonly sealed: SealResult | undefined;
  readonly status: 'SUCCEEDED' | 'FAILED';
  /** Everything that a state held: inputs, answers, errors. */
  readonly history: readonly unknown[];
}

type Invoke<Request, Result> = (request: Request) => Promise<Result>;
type Boundary = Exclude<Stage, 'seal'>;
const ORDER: readonly Boundary[] = ['ingestion', 'reconciliation', 'processing', 'egress'];

/** What the state machine does (infra/constructs/flow-machine.ts), in a few lines: choices, retries, catch, seal. */
export async function execute(
  world: World,
  upload: UploadReference,
  options: ExecutionOptions = {},
): Promise<Execution> {
  const flow = new Flow(world, options, { upload });
  return flow.from('ingestion', { execution: flow.execution, upload });
}

export async function executeCustody(
  world: World,
  custody: CustodyRequest['custody'],
  options: ExecutionOptions = {},
): Promise<Execution> {
  const { action: _action, ...asked } = custody;
  const flow = new Flow(world, options, { custody: asked });
  return flow.custody({ execution: flow.execution, custody });
}

/** What the closing machine does after FAILED, TIMED_OUT and ABORTED. */
export function close(
  world: World,
  upload: UploadReference,
  ending: SealRequest['ending'],
  execution = EXECUTION,
): Promise<SealResult> {
  return seal({ execution, upload, ending }, world.seal);
}

class Flow {
  readonly execution: string;
  readonly #world: World;
  readonly #retries: number;
  /** What the seal may name the run by. */
  readonly #began: Pick<SealRequest, 'upload' | 'custody'>;
  readonly #stages: StageResult[] = [];
  readonly #history: unknown[] = [];
  #submission: string | undefined;

  constructor(
    world: World,
    { execution = EXECUTION, retries = 3 }: ExecutionOptions,
    began: Pick<SealRequest, 'upload' | 'custody'>,
  ) {
    this.#world = world;
    this.execution = execution;
    this.#retries = retries;
    this.#began = began;
  }

  async custody(request: CustodyRequest): Promise<Execution> {
    const result = await this.#invoke((input: CustodyRequest) => keepCustody(input, this.#world.custodian), request);
    if (result === undefined) return this.#seal({ ending: 'failed', error: 'error' });
    this.#stages.push(result);
    const next = ORDER.find((_, index) => ORDER[index - 1] === result.stage);
    this.#submission = result.submission;
    if (result.outcome === 'passed' && next !== undefined) return this.from(next, this.#follow(result));
    if (result.outcome === 'settled') return this.#ended(undefined, 'SUCCEEDED');
    return this.#seal({ ending: 'completed', run: result.run });
  }

  async from(first: Boundary, start: StageRequest): Promise<Execution> {
    let request = start;
    for (const stage of ORDER.slice(ORDER.indexOf(first))) {
      const own = stage === 'egress' && this.#submission !== undefined ? { submission: this.#submission } : {};
      const result = await this.#stage(stage, { ...request, ...own });
      if (result === undefined) {
        return this.#seal({ ending: 'failed', error: 'error', ...(request.run ? { run: request.run } : {}) });
      }
      if (result.outcome === 'settled') return this.#ended(undefined, 'SUCCEEDED');
      request = this.#follow(result);
      if (result.outcome !== 'passed') break;
    }
    return this.#seal({ ending: 'completed', ...(request.run ? { run: request.run } : {}) });
  }

  async #stage(stage: Boundary, start: StageRequest): Promise<StageResult | undefined> {
    const world = this.#world;
    const stages = {
      ingestion: (input: StageRequest) => ingest(input, world.ingestion),
      reconciliation: (input: StageRequest) => reconcile(input, world.reconciliation),
      processing: (input: StageRequest) => processRecords(input, world.processing),
      egress: (input: StageRequest) => exportRecords(input, world.egress),
    };
    let request = start;
    for (;;) {
      const result = await this.#invoke(stages[stage], request);
      if (result === undefined) return undefined;
      this.#stages.push(result);
      if (result.outcome !== 'continued' || result.cursor === undefined) return result;
      request = { ...start, cursor: result.cursor };
    }
  }

  async #seal(request: Omit<SealRequest, 'execution' | 'upload' | 'custody'>): Promise<Execution> {
    const input = { execution: this.execution, ...this.#began, ...request };
    const sealed = await this.#invoke((each: SealRequest) => seal(each, this.#world.seal), input);
    return this.#ended(sealed, sealed !== undefined && request.ending === 'completed' ? 'SUCCEEDED' : 'FAILED');
  }

  async #invoke<Request, Result>(invoke: Invoke<Request, Result>, request: Request): Promise<Result | undefined> {
    for (let attempt = 0; ; attempt += 1) {
      // A state holds JSON.
      const input = JSON.parse(JSON.stringify(request)) as Request;
      this.#history.push(input);
      try {
        const result = await invoke(input);
        this.#history.push(result);
        return result;
      } catch (error) {
        const failure = toFailure(error);
        this.#history.push({ error: failure.name, cause: failure.message });
        if (attempt >= this.#retries) return undefined;
      }
    }
  }

  #follow({ run, manifest }: StageResult): StageRequest {
    const given: { manifest?: ManifestReference } = manifest === undefined ? {} : { manifest };
    return { execution: this.execution, run, ...given };
  }

  #ended(sealed: SealResult | undefined, status: Execution['status']): Execution {
    return { stages: this.#stages, sealed, status, history: this.#history };
  }
}
