import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { childExecutions } from '../../../local/states/journal/executions.ts';
import type { Json } from '../../../local/states/json.ts';
import { parseJson } from '../../../local/states/json.ts';
import { type Bench, bench, FunctionError, invoke, jsonata } from './support.ts';

const open: Bench[] = [];
const keep = (own: Bench): Bench => {
  open.push(own);
  return own;
};
afterEach(async () => {
  for (const own of open.splice(0)) await own.close();
});

const GET = 'arn:aws:states:::s3:getObject';
const reader = (config: Record<string, Json>, key = 'items'): Json => ({
  Resource: GET,
  ReaderConfig: config,
  Arguments: { Bucket: 'in', Key: key },
});

function distributed(more: Record<string, Json>, kind = 'STANDARD'): Json {
  return jsonata({
    Each: {
      Type: 'Map',
      ItemProcessor: {
        ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: kind },
        StartAt: 'One',
        States: { One: invoke('item') },
      },
      End: true,
      ...more,
    },
  });
}

const mapRun = (own: Bench): string =>
  String(own.store.db.prepare('SELECT arn FROM states_map_runs ORDER BY rowid DESC').get()?.arn);
const echo = { item: (payload: Json) => payload };

describe('items of a Distributed Map', () => {
  it.each<[string, Json, string, Json]>([
    ['a JSON array', reader({ InputType: 'JSON' }), '[{"a":1},2]', [{ a: 1 }, 2]],
    ['JSON Lines', reader({ InputType: 'JSONL' }), '{"a":1}\n\n{"a":2}\n', [{ a: 1 }, { a: 2 }]],
    [
      'CSV with a header',
      reader({ InputType: 'CSV', CSVHeaderLocation: 'FIRST_ROW' }),
      'a,b\n1,"x,\ny"\n',
      [{ a: '1', b: 'x,\ny' }],
    ],
    [
      'CSV with given names',
      reader({ InputType: 'CSV', CSVHeaderLocation: 'GIVEN', CSVHeaders: ['k'], CSVDelimiter: 'PIPE' }),
      '1|2\n3\n',
      [{ k: '1' }, { k: '3' }],
    ],
    ['no more than MaxItems', reader({ InputType: 'JSON', MaxItems: 2 }), '[1,2,3]', [1, 2]],
  ])('are read from %s', async (_, itemReader, body, expected) => {
    const own = keep(bench({ handlers: echo, objects: new Map([['in/items', body]]) }));
    const ended = await own.run(distributed({ ItemReader: itemReader }));
    expect(parseJson(ended.output ?? 'null')).toEqual(expected);
  });

  it('are read from a listing', async () => {
    const objects = new Map([
      ['in/a/1', 'x'],
      ['in/a/2', 'xy'],
      ['in/b/3', ''],
    ]);
    const own = keep(bench({ handlers: echo, objects }));
    const itemReader = { Resource: 'arn:aws:states:::s3:listObjectsV2', Arguments: { Bucket: 'in', Prefix: 'a/' } };
    const ended = await own.run(
      distributed({ ItemReader: itemReader, ItemSelector: '{% $states.context.Map.Item.Value.Key %}' }),
    );
    expect(ended.output).toBe('["a/1","a/2"]');
  });

  it('are read from the files that an S3 Inventory names', async () => {
    const manifest = {
      destinationBucket: 'arn:aws:s3:::inventory',
      fileFormat: 'CSV',
      fileSchema: 'Bucket, Key, Size',
      files: [{ key: 'data/1.csv.gz' }, { key: 'data/2.csv.gz' }],
    };
    const objects = new Map<string, string | Buffer>([
      ['in/items', JSON.stringify(manifest)],
      ['inventory/data/1.csv.gz', gzipSync('"b","one","1"\n"b","two","2"\n')],
      ['inventory/data/2.csv.gz', gzipSync('"b","three","3"\n')],
    ]);
    const own = keep(bench({ handlers: echo, objects }));
    const ended = await own.run(distributed({ ItemReader: reader({ InputType: 'MANIFEST' }) }));
    expect(parseJson(ended.output ?? 'null')).toEqual([
      { Bucket: 'b', Key: 'one', Size: '1' },
      { Bucket: 'b', Key: 'two', Size: '2' },
      { Bucket: 'b', Key: 'three', Size: '3' },
    ]);
  });

  it('fail the state with States.ItemReaderFailed where the object is missing or is something else', async () => {
    const own = keep(bench({ handlers: echo, objects: new Map([['in/items', '{"no":"array"}']]) }));
    const definition = (key: string) => distributed({ ItemReader: reader({ InputType: 'JSON' }, key) });
    expect(await own.run(definition('items'))).toMatchObject({ error: 'States.ItemReaderFailed' });
    const missing = await own.run(definition('nothing'));
    expect(missing).toMatchObject({ error: 'States.ItemReaderFailed', cause: 'S3 answered NoSuchKey.' });
  });

  it('are put into batches by number and by size', async () => {
    const own = keep(bench({ handlers: echo }));
    const batched = async (batcher: Json): Promise<Json> => {
      const map = distributed({ Items: [1, 2, 3, 4, 5], ItemBatcher: batcher });
      return parseJson((await own.run(map)).output ?? 'null');
    };
    const batches = [{ Items: [1, 2] }, { Items: [3, 4] }, { Items: [5] }];
    expect(await batched({ MaxItemsPerBatch: 2 })).toEqual(batches);
    // {"Items":[1,2]} is 15 bytes long.
    expect(await batched({ MaxInputBytesPerBatch: 15 })).toEqual(batches);
    expect(await batched({ MaxItemsPerBatch: 3, BatchInput: { run: '{% 1 + 1 %}' } })).toEqual([
      { BatchInput: { run: 2 }, Items: [1, 2, 3] },
      { BatchInput: { run: 2 }, Items: [4, 5] },
    ]);
  });
});

describe('a Map Run', () => {
  const failing = {
    item: (payload: Json) => {
      if (payload === 2) throw new FunctionError('Broken');
      return payload;
    },
  };

  it('has a child execution for every item, in which the variables of the parent do not exist', async () => {
    const own = keep(bench({ handlers: echo }));
    const ended = await own.run(distributed({ Items: ['a', 'b'], Label: 'Parts' }));
    expect(ended.output).toBe('["a","b"]');
    const children = childExecutions(own.store, mapRun(own));
    expect(children.map(({ status, input, machineName }) => ({ status, input, machineName }))).toEqual([
      { status: 'SUCCEEDED', input: '"a"', machineName: 'Flow/Parts' },
      { status: 'SUCCEEDED', input: '"b"', machineName: 'Flow/Parts' },
    ]);
    expect(own.history(ended.arn).map((event) => event.type)).toEqual([
      'ExecutionStarted',
      'MapStateEntered',
      'MapStateStarted',
      'MapRunStarted',
      'MapRunSucceeded',
      'MapStateSucceeded',
      'MapStateExited',
      'ExecutionSucceeded',
    ]);
    // Only the standard execution that a person or a rule started reports its status.
    expect(own.statuses).toEqual(['RUNNING', 'SUCCEEDED']);
  });

  it('fails at the first failure, and leaves what had not begun', async () => {
    const own = keep(bench({ handlers: failing }));
    const ended = await own.run(distributed({ Items: [1, 2, 3], MaxConcurrency: 1 }));
    expect(ended).toMatchObject({ status: 'FAILED', error: 'States.ExceedToleratedFailureThreshold' });
    expect(childExecutions(own.store, mapRun(own)).map(({ status }) => status)).toEqual([
      'SUCCEEDED',
      'FAILED',
      'PENDING',
    ]);
  });

  it.each<[string, Record<string, Json>, string]>([
    ['a count that is not exceeded', { ToleratedFailureCount: 1 }, 'SUCCEEDED'],
    ['a percentage that is not exceeded', { ToleratedFailurePercentage: 34 }, 'SUCCEEDED'],
    ['a percentage that is', { ToleratedFailurePercentage: 33 }, 'FAILED'],
    ['either of both', { ToleratedFailurePercentage: 90, ToleratedFailureCount: 0 }, 'FAILED'],
  ])('tolerates failures up to %s', async (_, tolerance, status) => {
    const own = keep(bench({ handlers: failing }));
    expect((await own.run(distributed({ Items: [1, 2, 3], ...tolerance }))).status).toBe(status);
  });

  it('writes its results and a manifest', async () => {
    const own = keep(bench({ handlers: failing }));
    const ended = await own.run(
      distributed({
        Items: [1, 2, 3],
        ToleratedFailureCount: 1,
        ResultWriter: { Resource: 'arn:aws:states:::s3:putObject', Arguments: { Bucket: 'out', Prefix: 'p' } },
      }),
    );
    const uuid = mapRun(own).split(':').at(-1);
    const key = `p/${uuid}/manifest.json`;
    expect(parseJson(ended.output ?? 'null')).toEqual({
      MapRunArn: mapRun(own),
      ResultWriterDetails: { Bucket: 'out', Key: key },
    });
    const written = (path: string) => parseJson(String(own.objects.get(path)));
    const manifest = written(`out/${key}`);
    expect(manifest).toMatchObject({
      DestinationBucket: 'out',
      ResultFiles: {
        SUCCEEDED: [{ Key: `p/${uuid}/SUCCEEDED_0.json` }],
        FAILED: [{ Key: `p/${uuid}/FAILED_0.json` }],
        PENDING: [],
      },
    });
    expect(written(`out/p/${uuid}/SUCCEEDED_0.json`)).toMatchObject([
      { Input: '1', Output: '1', Status: 'SUCCEEDED' },
      { Input: '3', Output: '3', Status: 'SUCCEEDED' },
    ]);
  });

  it.each<[string, Json, string, string]>([
    ['only outputs', { Transformation: 'COMPACT' }, 'json', '[[1,2],[3]]'],
    ['flat outputs', { Transformation: 'FLATTEN' }, 'json', '[1,2,3]'],
    ['flat outputs as lines', { Transformation: 'FLATTEN', OutputType: 'JSONL' }, 'jsonl', '1\n2\n3\n'],
  ])('writes %s', async (_, config, extension, expected) => {
    const own = keep(bench({ handlers: echo }));
    const destination = { Bucket: 'out', Prefix: 'p' };
    await own.run(
      distributed({
        Items: [[1, 2], [3]],
        ResultWriter: { Resource: 'arn:aws:states:::s3:putObject', Arguments: destination, WriterConfig: config },
      }),
    );
    const key = `out/p/${mapRun(own).split(':').at(-1)}/SUCCEEDED_0.${extension}`;
    expect(own.objects.get(key)).toBe(expected);
  });

  it('is redriven with its parent: only what failed or had not begun runs', async () => {
    const own = keep(bench({ handlers: { ...failing } }));
    const failed = await own.run(distributed({ Items: [1, 2, 3], MaxConcurrency: 1 }));
    own.handlers.item = echo.item;
    own.engine.redrive(failed.arn);
    await own.engine.idle();
    expect(own.outcome(failed)).toMatchObject({ status: 'SUCCEEDED', output: '[1,2,3]' });
    expect(own.calls.map((call) => call.payload)).toEqual([1, 2, 2, 3]);
  });

  it.each(['STANDARD', 'EXPRESS'])('goes on after a restart without reading again: %s children', async (kind) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const objects = new Map([['in/items', '[1,2,3]']]);
    const stuck = (payload: Json) => {
      if (payload !== 2) return payload;
      resolve();
      return new Promise<never>(() => {});
    };
    const first = keep(bench({ handlers: { item: stuck }, objects }));
    const definition = distributed({ ItemReader: reader({ InputType: 'JSON' }), MaxConcurrency: 1 }, kind);
    const started = first.engine.start(first.machine(definition), 'one', '{}');
    await promise;
    await first.engine.halt();
    objects.clear();

    const second = keep(first.again());
    second.handlers.item = echo.item;
    second.engine.resume();
    await second.engine.idle();
    expect(second.outcome(started)).toMatchObject({ status: 'SUCCEEDED', output: '[1,2,3]' });
    expect(second.calls.map((call) => call.payload)).toEqual([2, 3]);
  });

  it('is aborted with its parent', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const own = keep(
      bench({
        handlers: {
          item: () => {
            resolve();
            return new Promise<never>(() => {});
          },
        },
      }),
    );
    const machine = own.machine(distributed({ Items: [1, 2], MaxConcurrency: 1 }));
    const started = own.engine.start(machine, 'one', '{}');
    await promise;
    own.engine.stop(started.arn, undefined, undefined);
    await own.engine.idle();
    expect(childExecutions(own.store, mapRun(own)).map(({ status }) => status)).toEqual(['ABORTED', 'PENDING']);
  });
});
