/**
 * Two native types, and the canonical type under which both mean the same. Where that needs a rule that loses something, or where two
 * readings are possible, there is no such type by itself: somebody decides, among what both sides can be read as.
 */
import type { ColumnType, Kind } from '../../shared/canonical/column-type.ts';
import type { DecisionKind } from '../../shared/equivalence/draft.ts';
import type { NativeFacts } from './native.ts';

export interface Pairing {
  /** The suggestion first; none where nothing can be compared. */
  readonly types: readonly ColumnType[];
  /** Undecided: why. */
  readonly because: readonly DecisionKind[];
}

const settled = (...types: readonly ColumnType[]): Pairing => ({ types, because: [] });
const asked = (because: DecisionKind, ...types: readonly ColumnType[]): Pairing => ({ types, because: [because] });

const MOMENTS: readonly Kind[] = ['instant', 'datetime'];
const EPOCHS = ['seconds', 'milliseconds', 'microseconds', 'nanoseconds'] as const;
/** What two cells of text files may be. */
const PLAIN = ['text', 'decimal', 'integer', 'uuid', 'date', 'json'] as const;
/** What most clients write, where nobody says more. */
const USUAL_PRECISION = 6;

export function pairOf(source: NativeFacts, target: NativeFacts): Pairing {
  const [one, other] = [source.kinds[0], target.kinds[0]];
  if (one === undefined || other === undefined) return { types: [], because: ['type'] };
  const common = source.kinds.filter((kind) => target.kinds.includes(kind));
  const meant = meantKind(source, target);
  if (common.includes('instant') && [one, other].some((kind) => MOMENTS.includes(kind))) {
    const moment = momentPair(source, target, one, other);
    if (moment !== undefined) return moment;
  }
  if (source.loose === true && target.loose === true && one === 'text' && other === 'text') {
    // Two texts that may be anything: compared as texts, 1.50 and 1.5 differ.
    return asked('type', ...PLAIN.map((kind): ColumnType => ({ kind })));
  }
  if (meant !== undefined) return declared(meant, source, target);
  if (isPair(one, other, 'integer', 'decimal')) return declared('decimal', source, target);
  if (isPair(one, other, 'uuid', 'text') || isPair(one, other, 'uuid', 'bytes')) return settled({ kind: 'uuid' });
  const types = common.filter((kind) => kind !== 'instant').flatMap((kind) => declared(kind, source, target).types);
  return { types, because: ['type'] };
}

/** What both are; or what the stricter of them is, where the other says nothing of it. */
function meantKind(source: NativeFacts, target: NativeFacts): Kind | undefined {
  const [one, other] = [source.kinds[0], target.kinds[0]];
  if (one === other) return one;
  if (target.loose === true && one !== undefined && target.kinds.includes(one)) return one;
  if (source.loose === true && other !== undefined && source.kinds.includes(other)) return other;
  return undefined;
}

const isPair = (one: Kind, other: Kind, left: Kind, right: Kind): boolean =>
  (one === left && other === right) || (one === right && other === left);

/** Of moments, zone and unit must be known on both sides. Undefined where both are local, or both are instants. */
function momentPair(source: NativeFacts, target: NativeFacts, one: Kind, other: Kind): Pairing | undefined {
  if (one === other) return undefined;
  const precision = source.precision ?? target.precision ?? USUAL_PRECISION;
  const both = precisionPair(source, target);
  const instant = (more: object): ColumnType => ({ kind: 'instant', precision, ...both.rules[0], ...more });
  if (isPair(one, other, 'instant', 'datetime')) return asked('time-zone', instant({ zoneless: 'utc' }));
  const plain = MOMENTS.includes(one) ? target : source;
  if (plain.kinds[0] === 'integer' || plain.kinds[0] === 'decimal') {
    const zone = [one, other].includes('datetime') ? { zoneless: 'utc' } : {};
    return asked('time-zone', ...EPOCHS.map((epoch) => instant({ epoch, ...zone })));
  }
  // A text against an instant: with its zone in the text, or without.
  if (one === 'instant' || other === 'instant') return asked('time-zone', instant({}), instant({ zoneless: 'utc' }));
  return undefined;
}

interface PrecisionPair {
  readonly because: readonly DecisionKind[];
  readonly rules: readonly { readonly precision: number; readonly excess?: 'round' | 'truncate' }[];
}

function precisionPair({ precision: one }: NativeFacts, { precision: other }: NativeFacts): PrecisionPair {
  const known = one ?? other ?? USUAL_PRECISION;
  if (one === undefined || other === undefined || one === other) return { because: [], rules: [{ precision: known }] };
  const [coarse, fine] = [Math.min(one, other), Math.max(one, other)];
  return {
    because: ['precision'],
    rules: [{ precision: coarse, excess: 'round' }, { precision: coarse, excess: 'truncate' }, { precision: fine }],
  };
}

/** Both sides as this kind, with what has to be said besides. */
function declared(kind: Kind, source: NativeFacts, target: NativeFacts): Pairing {
  switch (kind) {
    case 'instant':
    case 'time':
    case 'datetime': {
      const { because, rules } = precisionPair(source, target);
      return { because, types: rules.map((rule) => ({ kind, ...rule })) };
    }
    case 'decimal':
      return decimalPair(source, target);
    case 'text':
    case 'bytes':
      return bytesPair(kind, source, target);
    case 'array':
    case 'set':
    case 'map':
      return elementPair(kind, source, target);
    default:
      return settled({ kind });
  }
}

function decimalPair(source: NativeFacts, target: NativeFacts): Pairing {
  const exact: ColumnType = { kind: 'decimal' };
  const scales = [source.scale, target.scale].filter((scale) => scale !== undefined && scale >= 0);
  const scale = Math.min(...scales.map(Number));
  const [narrow, wide] = [source, target].toSorted((a, b) => (a.digits ?? 1001) - (b.digits ?? 1001));
  // 38 digits, as DynamoDB has them, are more than most tables declare: only a wider side has to be thought about.
  const cut =
    narrow?.loose === true &&
    narrow.digits !== undefined &&
    wide?.loose !== true &&
    (wide?.digits ?? 1001) > narrow.digits;
  const differ = scales.length === 2 && scales[0] !== scales[1];
  if (!differ && !cut) return settled(exact);
  return asked('precision', exact, ...(Number.isFinite(scale) ? [{ kind: 'decimal' as const, scale }] : []));
}

function bytesPair(kind: 'text' | 'bytes', source: NativeFacts, target: NativeFacts): Pairing {
  const isText = (facts: NativeFacts): boolean => facts.kinds[0] === 'text';
  if (kind === 'bytes' && (isText(source) || isText(target))) {
    return asked('type', { kind, text: 'base64' }, { kind, text: 'hex' });
  }
  if (source.padded !== true && target.padded !== true) return settled({ kind });
  return asked('padding', { kind, padding: 'trim' }, { kind });
}

function elementPair(
  kind: 'array' | 'set' | 'map',
  { element: one }: NativeFacts,
  { element: other }: NativeFacts,
): Pairing {
  if (one === undefined && other === undefined) {
    return asked(
      'type',
      { kind, element: { kind: 'text' } },
      { kind, element: { kind: 'decimal' } },
      { kind, element: { kind: 'json' } },
    );
  }
  const known = one ?? other ?? { kinds: [] };
  const { types, because } = pairOf(one ?? known, other ?? known);
  return { types: types.map((element) => ({ kind, element })), because };
}
