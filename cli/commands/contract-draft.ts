/** `parapet contract infer` and `parapet contract decide`: from two schemas to a contract that can be signed. */
import { type Command, InvalidArgumentError } from 'commander';
import { DECISIONS, DecisionKind, type OpenDecision, openDecisions } from '../../shared/equivalence/draft.ts';
import { parseEquivalence } from '../../shared/equivalence/parse.ts';
import { Problem } from '../../shared/problem.ts';
import { readText, writeText } from '../files.ts';
import { decide } from '../infer/decide.ts';
import { inferContract } from '../infer/infer.ts';
import { printable } from '../sweep/printable.ts';
import { answer, note, type OutputOptions } from '../terminal.ts';

const INFER_HELP = `
Addresses are those of parapet sweep, with the table or format that no contract names yet:
  postgres://user:password@host/database?table=schema.table      mysql://user:password@host/schema?table=table
  dynamodb://table    file:///path.csv    s3://bucket/prefix?format=ndjson`;

const DECIDE_HELP = `
Decisions:
${Object.entries(DECISIONS)
  .map(([kind, meaning]) => `  ${kind.padEnd(10)} ${meaning}`)
  .join('\n')}

A decision may as well be taken with an editor: put the value in the place of the mark.`;

interface InferOptions extends OutputOptions {
  readonly source: string;
  readonly target: string;
  readonly dataset?: string;
  readonly out?: string;
  readonly force?: boolean;
}

interface DecideOptions extends OutputOptions {
  readonly take: readonly DecisionKind[];
  readonly set: ReadonlyMap<string, unknown>;
}

export function addDrafting(command: Command): void {
  command
    .command('infer')
    .description(
      'Draft the contract of a sweep from two live schemas, and list what a person must decide before it can be signed. No value of a row is shown; of documents (DynamoDB, JSON) a sample is read for its types.',
    )
    .requiredOption('--source <url>', 'address of the source')
    .requiredOption('--target <url>', 'address of the target')
    .option('--dataset <name>', 'name of the dataset (default: after the source)', datasetName)
    .option('--out <file>', 'write the draft there (default: to standard output)')
    .option('--force', 'replace a file that is there')
    .addHelpText('after', INFER_HELP)
    .action(infer);
  command
    .command('decide')
    .description('List the open decisions of a draft, or take some. The file is a contract when none is left.')
    .argument('<file>', 'the draft')
    .option('--take <kind>', 'take the suggestion wherever this is to be decided; repeatable', collectKind, [])
    .option('--set <pointer=json>', 'decide one; null takes it away; repeatable', collectValue, new Map())
    .addHelpText('after', DECIDE_HELP)
    .action(decideFile);
}

async function infer(options: InferOptions): Promise<void> {
  const draft = await inferContract({ source: options.source, target: options.target }, options.dataset);
  const decisions = openDecisions(draft);
  const text = textOf(draft);
  const lines = [...decisionLines(decisions), countLine(decisions)];
  if (options.out === undefined) {
    for (const line of lines) note(line);
    answer(options, [text.trimEnd()], { draft, decisions });
    return;
  }
  writeText(options.out, text, { force: options.force === true });
  answer(options, [...lines, `${options.out}: the draft`], { out: options.out, draft, decisions });
}

function decideFile(file: string, { take, set, ...options }: DecideOptions): void {
  const { document, open } = decide(parseJson(file), { take: new Set(take), set });
  const text = textOf(document);
  // A contract that is not one should not stand there as if it were.
  if (open.length === 0) parseEquivalence(text);
  if (take.length > 0 || set.size > 0) writeText(file, text, { force: true });
  answer(options, [...decisionLines(open), countLine(open)], { file, decisions: open });
}

/** Names that a terminal would act on stand there as JSON escapes them: the draft is the same, and may be looked at. */
const textOf = (document: unknown): string =>
  `${JSON.stringify(document, null, 2).replace(/(?!\n)[\p{Cc}\p{Cf}\u2028\u2029]/gu, escaped)}\n`;

const escaped = (character: string): string =>
  Array.from({ length: character.length }, (_, index) => character.charCodeAt(index))
    .map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`)
    .join('');

function parseJson(file: string): unknown {
  try {
    return JSON.parse(readText(file));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new Problem('configuration-invalid', { detail: `${file} is not JSON.` });
  }
}

const countLine = ({ length }: readonly OpenDecision[]): string =>
  length === 0
    ? 'nothing is left to decide: the contract wants its signature'
    : `${length} ${length === 1 ? 'decision' : 'decisions'} open: nothing signs or runs it before`;

/** Names come from databases and documents. */
const decisionLines = (decisions: readonly OpenDecision[]): string[] =>
  decisions.flatMap(({ pointer, decide, question, options }) => {
    const said = options.map((option) => {
      const text = printable(JSON.stringify(option));
      return text === '[]' && decide.includes('key') ? '[] (rows then have no name)' : text;
    });
    return [
      `${printable(pointer)}  ${decide.join(', ')}`,
      `    ${printable(question)}`,
      ...(said.length === 0 ? [] : [`    suggested ${said.join('  or ')}`]),
    ];
  });

function datasetName(text: string): string {
  if (/^[a-z][a-z0-9-]{0,62}$/.test(text)) return text;
  throw new InvalidArgumentError('Lower-case letters, digits and hyphens are needed.');
}

function collectKind(text: string, all: readonly DecisionKind[]): readonly DecisionKind[] {
  const kind = DecisionKind.safeParse(text);
  if (!kind.success) throw new InvalidArgumentError(`One of ${Object.keys(DECISIONS).join(', ')} is needed.`);
  return [...all, kind.data];
}

function collectValue(text: string, all: ReadonlyMap<string, unknown>): ReadonlyMap<string, unknown> {
  const at = text.indexOf('=');
  try {
    if (at > 0) return new Map([...all, [text.slice(0, at), JSON.parse(text.slice(at + 1))]]);
  } catch {
    // Told below: the parser's message would quote the text.
  }
  throw new InvalidArgumentError('It is written POINTER=JSON.');
}
