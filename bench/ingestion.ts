/**
 * How much of the parser's own rate is left when ingestion reads, validates and tokenises; and whether memory grows with
 * the file. Ratios are taken inside one run, the candidates in turns, the best of several rounds each, in CPU time, so that
 * another process on the machine changes little.
 *
 * node bench/ingestion.ts [--records 100000] [--rounds 5] [--large 1000000] [--json]
 */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readRecords } from '../shared/reading/read.ts';
import { MEDIA_TYPE_OF, SAMPLE_FORMATS, type SampleFormat } from '../shared/sample/write.ts';
import { Tokeniser } from '../shared/token/tokeniser.ts';
import { PARSERS } from './parsers.ts';
import { chunksOf, compiled, contract, samplePayload } from './samples.ts';

const { values: options } = parseArgs({
  options: {
    records: { type: 'string', default: '100000' },
    rounds: { type: 'string', default: '5' },
    large: { type: 'string', default: '1000000' },
    json: { type: 'boolean', default: false },
  },
});
const RECORDS = Number(options.records);
const SMALL = 10_000;
const HEAP_MEGABYTES = 48;

/** A run has one of its own. */
const newTokeniser = () =>
  new Tokeniser({
    salts: { current: '1', salts: new Map([['1', 'a salt that measures and protects nothing']]) },
    version: '1',
    deployment: 'bench',
    stage: 'ingestion',
  });

const candidates: Readonly<Record<string, (format: SampleFormat, payload: Buffer) => Promise<number>>> = {
  parser: (format, payload) => PARSERS[format](chunksOf(payload)),
  validate: (format, payload) => ingest(format, payload, false),
  tokenise: (format, payload) => ingest(format, payload, true),
  /** With nobody twice in the file, so that no token is found again. */
  distinct: (format, payload) => ingest(format, payload, true),
};

async function ingest(format: SampleFormat, payload: Buffer, tokenising: boolean): Promise<number> {
  const tokeniser = newTokeniser();
  let records = 0;
  for await (const batch of readRecords(chunksOf(payload), MEDIA_TYPE_OF[format], compiled)) {
    records += batch.length;
    if (!tokenising) continue;
    for (const { value } of batch) {
      if (value === undefined) continue;
      const tenant = String(value[contract.tenant]);
      tokeniser.subject(contract.subject, String(value[contract.subject]));
      for (const field of compiled.personal) tokeniser.token(tenant, field, String(value[field]));
    }
  }
  tokeniser.dispose();
  return records;
}

/** Nobody twice: as many people as the sample can have. */
const EVERYBODY = 1_000_000_000;

/** Microseconds of CPU per record, the best round of each candidate. */
async function rates(format: SampleFormat): Promise<Record<string, number>> {
  const payload = await samplePayload(format, RECORDS);
  const strangers = await samplePayload(format, RECORDS, EVERYBODY);
  const best: Record<string, number> = {};
  for (let round = 0; round < Number(options.rounds); round += 1) {
    for (const [name, run] of Object.entries(candidates)) {
      const before = process.cpuUsage();
      const records = await run(format, name === 'distinct' ? strangers : payload);
      const { user, system } = process.cpuUsage(before);
      if (records !== RECORDS) throw new Error(`${name} saw ${records} records of ${RECORDS} in ${format}.`);
      best[name] = Math.min(best[name] ?? Number.POSITIVE_INFINITY, (user + system) / records);
    }
  }
  return best;
}

function memory(format: SampleFormat, records: number): { liveBytes: number; residentBytes: number } {
  const flags = ['--expose-gc', `--max-old-space-size=${HEAP_MEGABYTES}`, '--max-semi-space-size=2'];
  const script = join(import.meta.dirname, 'ingestion-memory.ts');
  return JSON.parse(execFileSync(process.execPath, [...flags, script, format, String(records)], { encoding: 'utf8' }));
}

const results = [];
for (const format of SAMPLE_FORMATS) {
  const { parser = 0, validate = 0, tokenise = 0, distinct = 0 } = await rates(format);
  const small = memory(format, SMALL);
  const large = memory(format, Number(options.large));
  results.push({
    format,
    microsecondsPerRecord: { parser, validate, tokenise, distinct },
    ratio: { validate: parser / validate, tokenise: parser / tokenise, distinct: parser / distinct },
    recordsPerSecond: Math.round(1e6 / tokenise),
    memory: {
      records: [SMALL, Number(options.large)],
      live: [small.liveBytes, large.liveBytes],
      growth: large.liveBytes / small.liveBytes - 1,
      resident: [small.residentBytes, large.residentBytes],
    },
  });
}

if (options.json) console.log(JSON.stringify({ records: RECORDS, results }));
else {
  const megabytes = (bytes = 0): string => (bytes / 1e6).toFixed(1);
  console.log(
    `${RECORDS} records; µs of CPU per record; share of the parser's rate; live memory at ${SMALL} and ${options.large}`,
  );
  for (const {
    format,
    microsecondsPerRecord: µs,
    ratio,
    recordsPerSecond,
    memory: { live, growth },
  } of results) {
    console.log(
      `${format.padEnd(7)} parser ${µs.parser.toFixed(2)}  validated ${µs.validate.toFixed(2)} (${(ratio.validate * 100).toFixed(0)} %)  ` +
        `tokenised ${µs.tokenise.toFixed(2)} (${(ratio.tokenise * 100).toFixed(0)} %, ${recordsPerSecond}/s)  ` +
        `nobody twice ${µs.distinct.toFixed(2)} (${(ratio.distinct * 100).toFixed(0)} %)  ` +
        `memory ${megabytes(live[0])} and ${megabytes(live[1])} MB (${(growth * 100).toFixed(1)} %)`,
    );
  }
}
