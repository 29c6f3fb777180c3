/** The distributed half of Map: a Map Run, whose children are executions of their own. */
import { ApiError } from '../../service.ts';
import type { MapState } from '../definition.ts';
import { statesFailure } from '../failure.ts';
import { childInputs } from '../items/batches.ts';
import { readItems } from '../items/reader.ts';
import { collected, written } from '../items/results.ts';
import { endExecution, failedItems, insertExecution, unfinishedChildren } from '../journal/executions.ts';
import { insertMapRun, type MapRun, mapRunOf, setMapRunStatus } from '../journal/map-runs.ts';
import type { Json } from '../json.ts';
import { processorKey } from '../machine.ts';
import { forEachLimited } from '../time.ts';
import { commit, evaluateNumber, record, type Visit } from '../visit.ts';
import { itemsOf } from './own-items.ts';

/** "Distributed mode: up to 10,000 parallel child workflow executions". */
const DISTRIBUTED_CONCURRENCY = 10_000;

export async function distributed(state: MapState, visit: Visit): Promise<Json> {
  const { store } = visit.around;
  const run = mapRunOf(store, visit.frame) ?? (await begin(state, visit));
  const threshold = await toleranceOf(state, visit, run);
  const limit = (await evaluateNumber(visit, 'MaxConcurrency', state.MaxConcurrency)) || DISTRIBUTED_CONCURRENCY;
  const exceeded = await runChildren(visit, run, limit, threshold);
  const result = state.ResultWriter ? await written(state.ResultWriter, visit, run) : undefined;
  if (exceeded) {
    const failure = statesFailure(
      'States.ExceedToleratedFailureThreshold',
      'The specified tolerated failure threshold was exceeded',
    );
    commit(visit, () => {
      setMapRunStatus(store, run.arn, 'FAILED');
      record(visit, 'MapRunFailed', { error: failure.error, cause: failure.reason ?? '' });
    });
    throw failure;
  }
  commit(visit, () => {
    setMapRunStatus(store, run.arn, 'SUCCEEDED');
    record(visit, 'MapRunSucceeded');
  });
  return result ?? collected(visit, run);
}

/** Every child is written down, with its input, before the first one starts: a restart reads nothing again. */
async function begin(state: MapState, visit: Visit): Promise<MapRun> {
  const { around, execution, frame } = visit;
  requireChildren(visit);
  const items = state.ItemReader ? await readItems(state.ItemReader, visit) : await itemsOf(state, visit);
  const inputs = await childInputs(state, visit, items);
  const label = state.Label ?? frame.state.replaceAll(/[^\w-]/g, '').slice(0, 40);
  const prefix = `arn:aws:states:${around.region}:${around.accountId}`;
  const name = `${execution.machineName}/${label}`;
  const run: MapRun = {
    arn: `${prefix}:mapRun:${name}:${around.uuid()}`,
    execution: execution.arn,
    status: 'RUNNING',
    items: items.length,
    startedAt: around.now(),
  };
  const config = state.ItemProcessor.ProcessorConfig;
  commit(visit, () => {
    record(visit, 'MapStateStarted', { length: items.length });
    insertMapRun(around.store, frame, run);
    record(visit, 'MapRunStarted', { mapRunArn: run.arn });
    for (const [ordinal, { input, items: count }] of inputs.entries()) {
      const child = around.uuid();
      insertExecution(around.store, {
        arn: `${prefix}:execution:${name}:${child}`,
        name: child,
        machineArn: `${execution.machineArn}/${label}`,
        machineName: name,
        definition: execution.definition,
        roleArn: execution.roleArn,
        kind: config.Mode === 'DISTRIBUTED' ? config.ExecutionType : 'STANDARD',
        graph: processorKey(frame.state),
        status: 'PENDING',
        input: JSON.stringify(input),
        startedAt: run.startedAt,
        deadline: undefined,
        mapRun: run.arn,
        ordinal,
        items: count,
      });
    }
  });
  return run;
}

function requireChildren({ around, execution }: Visit): void {
  try {
    around.requireChildren(execution.roleArn, execution.machineArn);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    throw statesFailure('States.Permissions', error.message);
  }
}

/** The largest number of failed items at which the run still goes on. */
async function toleranceOf(state: MapState, visit: Visit, run: MapRun): Promise<number> {
  const percentage = await evaluateNumber(visit, 'ToleratedFailurePercentage', state.ToleratedFailurePercentage);
  const count = await evaluateNumber(visit, 'ToleratedFailureCount', state.ToleratedFailureCount);
  // With both, either one ends the run; with neither, the first failure does.
  const byPercentage = percentage === undefined ? undefined : (run.items * percentage) / 100;
  return Math.min(byPercentage ?? count ?? 0, count ?? byPercentage ?? 0);
}

/** Whether more items failed than tolerated; then what still ran has been aborted, and what had not begun never will. */
async function runChildren(visit: Visit, run: MapRun, limit: number, threshold: number): Promise<boolean> {
  const { store } = visit.around;
  const stop = new AbortController();
  const signal = AbortSignal.any([visit.signal, stop.signal]);
  const exceeded = (): boolean => failedItems(store, run.arn) > threshold;
  if (exceeded()) stop.abort(run);
  await forEachLimited(
    unfinishedChildren(store, run.arn),
    limit,
    async (child) => {
      try {
        await visit.runChild(child, signal);
      } catch (error) {
        visit.signal.throwIfAborted();
        if (!stop.signal.aborted) throw error;
        endExecution(store, child, { status: 'ABORTED' }, visit.around.now());
      }
      if (!stop.signal.aborted && exceeded()) stop.abort(run);
    },
    () => !signal.aborted,
  );
  visit.signal.throwIfAborted();
  return stop.signal.aborted;
}
