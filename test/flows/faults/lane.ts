/** One embedded cloud in which trial follows trial: starting one takes as long as dozens of runs. */
import { DeleteItemCommand } from '@aws-sdk/client-dynamodb';
import { DescribeExecutionCommand } from '@aws-sdk/client-sfn';
import { connect } from '../../../cli/session/clients.ts';
import { sealPublicKey } from '../../../cli/session/evidence.ts';
import { readRun } from '../../../cli/session/stores.ts';
import { parseVerifierKey } from '../../../shared/audit/verifier-key.ts';
import { storedVersions } from '../inspect.ts';
import { type Flow, startFlow } from '../support.ts';
import { type Ending, Evidence } from './ending.ts';
import { type Call, Injector, type Plan } from './plan.ts';
import type { Scenario } from './scenarios.ts';

export interface Trial {
  readonly title: string;
  readonly scenario: Scenario;
  readonly run: string;
  /** What the functions called, in order. */
  readonly calls: readonly Call[];
  /** What is wrong already. */
  readonly broken: readonly string[];
  /** Of the upload; it has to be gone in the end. */
  readonly key: string | undefined;
}

/** Whose records nobody may have: every scenario has something for egress to turn away. */
const NO_DESTINATION = 'GTR-0003';

export class Lane {
  readonly flow: Flow;
  readonly trials: Trial[] = [];
  #number = 0;

  private constructor(flow: Flow) {
    this.flow = flow;
  }

  static async open(): Promise<Lane> {
    const flow = await startFlow({ timeScale: 0.001 });
    const steward = connect(flow.connection, 'steward');
    const Key = { destination: { S: NO_DESTINATION } };
    await steward.dynamodb.send(new DeleteItemCommand({ TableName: flow.connection.tables.destinations, Key }));
    steward.close();
    return new Lane(flow);
  }

  /** Resolves when nothing of the run is on its way any more. What became of it is looked at after the last trial. */
  async attempt(scenario: Scenario, title: string, plan: Plan): Promise<Trial> {
    this.#number += 1;
    const { cloud } = this.flow;
    const begin = await scenario.prepare(this.flow, `trial-${this.#number}`);
    const injector = new Injector(plan);
    cloud.setHook(injector.hook);
    const { run, key } = await begin();
    await cloud.idle();
    await scenario.resume?.(this.flow, run);
    await cloud.idle();
    cloud.setHook(undefined);
    const broken = [...(await this.#shortcomings(run)), ...injector.unmet.map((call) => `${call} never came`)];
    const trial = { title, scenario, run, key, calls: injector.calls, broken };
    this.trials.push(trial);
    return trial;
  }

  async #shortcomings(run: string): Promise<string[]> {
    const { operator, connection } = this.flow;
    const found = await readRun(operator, connection, run);
    if (found === undefined) return ['the run is unknown'];
    const { status } = await operator.states.send(new DescribeExecutionCommand({ executionArn: found.execution }));
    return [
      ...(found.state === 'sealed' ? [] : [`the run is ${found.state}`]),
      ...(status === 'SUCCEEDED' ? [] : [`its execution is ${status}`]),
    ];
  }

  /** Stops the cloud, opens everything that it has stored, and says what each trial has come to. */
  async endings(): Promise<readonly { readonly trial: Trial; readonly ending: Ending }[]> {
    const { flow } = this;
    const { connection, cloud, operator } = flow;
    const { defects, denials } = cloud.report();
    const key = parseVerifierKey(await sealPublicKey(operator, connection));
    await flow.stop();
    const evidence = new Evidence(await storedVersions(cloud.folder, cloud.deployment), connection.buckets);
    const found: { trial: Trial; ending: Ending }[] = [];
    for (const trial of this.trials) {
      const ending = await evidence.ending(trial.run, key);
      const left = trial.key !== undefined && evidence.landed.has(trial.key) ? ['the upload is in landing still'] : [];
      found.push({ trial, ending: { ...ending, broken: [...trial.broken, ...ending.broken, ...left] } });
    }
    // Of no trial in particular: the last one says it.
    const whole = [
      ...defects.map((defect) => `defect of the cloud: ${String(defect)}`),
      ...denials.map((denial) => `denied: ${JSON.stringify(denial)}`),
    ];
    const last = found.at(-1);
    if (last !== undefined && whole.length > 0) {
      found[found.length - 1] = { ...last, ending: { ...last.ending, broken: [...last.ending.broken, ...whole] } };
    }
    return found;
  }

  remove(): Promise<void> {
    return this.flow.remove();
  }
}
