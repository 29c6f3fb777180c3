/**
 * ResultWriter: what the children of a Map Run came to, as an array or as objects and a manifest.
 * https://docs.aws.amazon.com/step-functions/latest/dg/input-output-resultwriter.html
 */
import { ApiError } from '../../service.ts';
import type { ResultWriter } from '../definition.ts';
import { requirePayloadSize, statesFailure } from '../failure.ts';
import { childExecutions, type Execution } from '../journal/executions.ts';
import type { MapRun } from '../journal/map-runs.ts';
import { isArray, isObject, type Json, type JsonObject, parseJson } from '../json.ts';
import { evaluateField, type Visit } from '../visit.ts';

type Transformation = ResultWriter['WriterConfig']['Transformation'];

/** Without a writer: the outputs in the order of the items. A tolerated failure stands there as its error. */
export function collected(visit: Visit, run: MapRun): Json {
  const results = childExecutions(visit.around.store, run.arn).flatMap((child) => transformed(child, 'COMPACT'));
  requirePayloadSize(results, `The result of the state '${visit.frame.state}'`);
  return results;
}

/** With a writer: `{MapRunArn, ResultWriterDetails: {Bucket, Key}}`, the key being the manifest's. */
export async function written(writer: ResultWriter, visit: Visit, run: MapRun): Promise<Json> {
  const given = await evaluateField(visit, 'ResultWriter/Arguments', writer.Arguments);
  const { Bucket, Prefix } = isObject(given) ? given : {};
  if (typeof Bucket !== 'string') {
    throw statesFailure('States.ResultWriterFailed', 'ResultWriter/Arguments names no Bucket.');
  }
  const folder = [typeof Prefix === 'string' ? Prefix : '', run.arn.split(':').at(-1) ?? ''].filter(Boolean).join('/');
  const objects = visit.around.objects(visit.execution.roleArn);
  const files: Record<string, Json> = {};
  try {
    for (const [status, children] of byStatus(childExecutions(visit.around.store, run.arn))) {
      files[status] = [];
      if (children.length === 0) continue;
      const body = rendered(children, writer.WriterConfig);
      const key = `${folder}/${status}_0.${writer.WriterConfig.OutputType.toLowerCase()}`;
      await objects.write(Bucket, key, body);
      files[status] = [{ Key: key, Size: Buffer.byteLength(body) }];
    }
    const manifest = { DestinationBucket: Bucket, MapRunArn: run.arn, ResultFiles: files };
    await objects.write(Bucket, `${folder}/manifest.json`, JSON.stringify(manifest));
  } catch (error) {
    if (error instanceof ApiError) throw statesFailure('States.ResultWriterFailed', `S3 answered ${error.code}.`);
    throw error;
  }
  return { MapRunArn: run.arn, ResultWriterDetails: { Bucket, Key: `${folder}/manifest.json` } };
}

function byStatus(children: readonly Execution[]): [string, Execution[]][] {
  const of = (...statuses: string[]) => children.filter((child) => statuses.includes(child.status));
  return [
    ['FAILED', of('FAILED', 'TIMED_OUT', 'ABORTED')],
    ['PENDING', of('PENDING', 'RUNNING')],
    ['SUCCEEDED', of('SUCCEEDED')],
  ];
}

function rendered(
  children: readonly Execution[],
  { Transformation, OutputType }: ResultWriter['WriterConfig'],
): string {
  const results = children.flatMap((child) => transformed(child, Transformation));
  return OutputType === 'JSONL'
    ? results.map((result) => `${JSON.stringify(result)}\n`).join('')
    : JSON.stringify(results);
}

/** One child's part of the result: a list, because FLATTEN may give several. */
function transformed(child: Execution, transformation: Transformation): readonly Json[] {
  if (transformation === 'NONE' || child.status !== 'SUCCEEDED') return [described(child)];
  const output = parseJson(child.output ?? 'null');
  return transformation === 'FLATTEN' && isArray(output) ? output : [output];
}

function described(child: Execution): JsonObject {
  const time = (at: number | undefined): JsonObject[string] => (at === undefined ? null : new Date(at).toISOString());
  return {
    ExecutionArn: child.arn,
    Input: child.input,
    InputDetails: { Included: true },
    Name: child.name,
    ...(child.output === undefined ? {} : { Output: child.output, OutputDetails: { Included: true } }),
    ...(child.error === undefined ? {} : { Error: child.error }),
    ...(child.cause === undefined ? {} : { Cause: child.cause }),
    RedriveCount: child.redriveCount,
    StartDate: time(child.startedAt),
    StateMachineArn: child.machineArn,
    Status: child.status,
    StopDate: time(child.stoppedAt),
  };
}
