/** Drafts a contract from two schemas: what follows from them stands there, everything else is marked for a person to decide. */
import type { SchemaColumn } from '../../functions/sweep/engines/engine.ts';
import type { ColumnType } from '../../shared/canonical/column-type.ts';
import { DECISIONS, type DecisionKind, type Mark } from '../../shared/equivalence/draft.ts';
import type { SideName } from '../../shared/equivalence/relation.ts';
import { draftKey } from './key.ts';
import { contractNames, type MatchedColumns, matchColumns } from './match.ts';
import { factsOf } from './native.ts';
import { type Pairing, pairOf } from './pair.ts';
import type { DraftSide, DraftSides } from './side.ts';
import { isSuspicious } from './suspicion.ts';

/** JSON. What it holds is for `parseEquivalence` to judge, once no mark is left. */
export type Draft = Readonly<Record<string, unknown>>;

/** What a sweep is stopped by unless somebody says otherwise: a hundredth of the rows, and signs that a database suffers. */
const BREAKER = { drift: { share: 0.01 }, errors: 10, skew: 20, rate: 0.1 };
const SETTLE = { delaySeconds: 60, attempts: 3 };
const FRESH_HOURS = 24;

export function draftContract(dataset: string, sides: DraftSides): Draft {
  const { source, target } = sides;
  const { matched, sourceOnly, targetOnly } = matchColumns(source.schema.columns, target.schema.columns);
  const names = contractNames(matched.map((pair) => pair.source.name));
  const columns = matched.map((pair, index) => ({ pair, name: names[index] ?? '' }));
  const key = draftKey(
    columns.map(({ pair, name }) => ({ name, source: pair.source.name, target: pair.target.name })),
    sides,
  );
  // A NULL in what names rows is refused where it is met.
  const keyed = new Set(key.sure ? key.columns : key.options[0]);
  return {
    kind: 'equivalence',
    dataset,
    version: 1,
    title: dataset,
    source: endpointOf(
      source,
      matched.map((pair) => pair.target),
    ),
    target: endpointOf(
      target,
      matched.map((pair) => pair.source),
    ),
    key: key.sure ? key.columns : mark('key', key.question, ...key.options),
    columns: [
      ...columns.map(({ pair, name }) => draftColumn(pair, name, keyed.has(name), sides)),
      ...oneSided('source', sourceOnly, targetOnly),
      ...oneSided('target', targetOnly, sourceOnly),
    ],
    breaker: mark(
      'breaker',
      'past which drift, failed attempts, skew and fall of the rate the sweep stops',
      BREAKER,
      {},
    ),
    settle: SETTLE,
    freshHours: FRESH_HOURS,
  };
}

function mark(kinds: DecisionKind | readonly DecisionKind[], question: string, ...options: readonly unknown[]): Mark {
  const decide = typeof kinds === 'string' ? [kinds] : [...kinds];
  const reasons = decide.map((kind) => DECISIONS[kind]).join('; ');
  return { decide, question: `${question} (${reasons})`, options: options.map(jsonOf) };
}

/** Without members that are undefined. */
const jsonOf = (value: unknown): Mark['options'][number] => JSON.parse(JSON.stringify(value));

/** A text file has a NULL where the contract says which text it is; it matters where the other side has some. */
function endpointOf({ endpoint }: DraftSide, others: readonly SchemaColumn[]): Draft {
  const { ...told } = endpoint;
  if (endpoint.engine !== 'files' || endpoint.format !== 'csv' || endpoint.csv !== undefined) return { ...told };
  if (!others.some(({ nullable }) => nullable)) return { ...told };
  return { ...told, csv: mark('null', 'which unquoted text of the file is NULL', { null: '' }, { null: 'NULL' }, {}) };
}

function draftColumn(
  { source, target, exact }: MatchedColumns,
  name: string,
  keyed: boolean,
  sides: DraftSides,
): Draft {
  const pairing = collated(
    pairOf(factsOf(sides.source.endpoint, source.type), factsOf(sides.target.endpoint, target.type)),
    [source, target],
  );
  const types = `${source.type} at the source, ${target.type} at the target`;
  const nullable = !keyed && (source.nullable || target.nullable);
  const suspicious = isSuspicious(name);
  const own = { name: source.name, type: source.type };
  const theirs = { name: target.name, type: target.type };
  const shared = {
    name,
    class: suspicious
      ? mark(
          'class',
          `the class of ${name}, whose name is one that personal data often has`,
          'pii',
          'internal',
          'public',
        )
      : mark('class', `the class of ${name}`, 'internal', 'pii', 'public'),
    nullable,
    source: own,
    target: exact
      ? theirs
      : mark('name', `whether "${target.name}" of the target is "${source.name}" of the source`, theirs),
  };
  const [type] = pairing.types;
  // Nothing under which both could be compared: it may stand in the contract as not compared, or not at all.
  if (type === undefined) {
    const omitted = {
      ...shared,
      class: suspicious ? 'pii' : 'internal',
      type: { kind: 'text' },
      mask: 'omit',
      target: theirs,
    };
    return mark('type', `no canonical type is common to ${types} (${name})`, omitted, null);
  }
  return {
    ...shared,
    type: pairing.because.length === 0 ? { ...type } : mark(pairing.because, `${name} is ${types}`, ...pairing.types),
    mask: suspicious
      ? mark('mask', `how ${name} is compared: by tokens, not at all, or as it is`, 'token', 'omit', 'none')
      : 'none',
    ...(nullable && [sides.source, sides.target].some(isDocuments)
      ? { absent: mark('absent', `whether a document without ${name} is one with NULL`, 'null', null) }
      : {}),
  };
}

/** Bytes are compared, whatever a collation takes for equal; and a key that is unique under one need not be under the other. */
function collated(pairing: Pairing, columns: readonly SchemaColumn[]): Pairing {
  const isText = pairing.types.some(({ kind }) => kind === 'text');
  const caseless = columns.some(({ type, collation }) => type === 'citext' || collation !== undefined);
  if (!isText || !caseless) return pairing;
  const normalized = pairing.types.map(
    (type): ColumnType => (type.kind === 'text' ? { ...type, normalization: 'nfc' } : type),
  );
  return { types: [...pairing.types, ...normalized], because: [...pairing.because, 'collation'] };
}

const isDocuments = ({ endpoint }: DraftSide): boolean =>
  endpoint.engine === 'dynamodb' ||
  (endpoint.engine === 'files' && (endpoint.format === 'ndjson' || endpoint.format === 'json'));

function oneSided(side: SideName, columns: readonly SchemaColumn[], others: readonly SchemaColumn[]): Mark[] {
  const there = others.length === 0 ? 'none' : others.map(({ name }) => `"${name}"`).join(', ');
  return columns.map(({ name, type }) =>
    mark(
      'one-side',
      `"${name}" (${type}) is at the ${side} only: left out, each verdict lists it as not compared; if it has another name at the other side, write the column. There without a partner: ${there}`,
      null,
    ),
  );
}
