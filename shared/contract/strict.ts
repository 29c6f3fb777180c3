/**
 * The contract as a strict zod schema: what is accepted, said a second time and in another way (patterns and big
 * integers instead of hand-made checks). It judges the same values as `compileContract`, several times slower; the
 * property tests hold the two against each other, and tools that want a schema get one.
 */
import * as z from 'zod/mini';
import type { Contract, ContractRecord, Field } from './schema.ts';

const NO_CONTROL = /^[^\p{Cc}\p{Cs}\ufffe\uffff]*$/u;
const NO_CONTROL_BUT_LINE_FEED = /^(?:[^\p{Cc}\p{Cs}\ufffe\uffff]|\n)*$/u;
const ATOM = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~\\-]+";
const LABEL = '(?!-)[A-Za-z0-9\\-]{1,63}(?<!-)';
const EMAIL = new RegExp(`^(?=.{3,254}$)(?=.{1,64}@)${ATOM}(?:\\.${ATOM})*@(?:${LABEL}\\.)+(?=[A-Za-z])${LABEL}$`);
const EIN = /^(?:0[1-6]|1[0-6]|2[0-7]|3\d|4[0-8]|5\d|6[0-8]|7[1-7]|8[0-8]|9[0-58-9])-\d{7}$/;
const INSTANT =
  /^(\d{4}-\d\d-\d\d)T([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(?:\.\d{1,9})?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

export function contractSchema(contract: Contract): z.ZodMiniType<ContractRecord> {
  return strictSchema(contract.fields);
}

export function derivedSchema(contract: Contract): z.ZodMiniType<ContractRecord> {
  return strictSchema(contract.submission.derived ?? []);
}

function strictSchema(fields: readonly Field[]): z.ZodMiniType<ContractRecord> {
  return z.strictObject(
    Object.fromEntries(
      fields.map((field) => [field.name, field.required ? valueSchema(field) : z.exactOptional(valueSchema(field))]),
    ),
  );
}

function valueSchema({ type }: Field): z.ZodMiniType<string | number | boolean> {
  switch (type.kind) {
    case 'text': {
      const { minLength, maxLength, pattern } = type;
      return z.string().check(
        z.regex(type.multiline === true ? NO_CONTROL_BUT_LINE_FEED : NO_CONTROL),
        z.refine((text) => [...text].length >= minLength && [...text].length <= maxLength),
        z.regex(pattern === undefined ? /^/ : new RegExp(`^(?:${pattern})$`, 'v')),
      );
    }
    case 'choice':
      return z.enum(type.values);
    case 'integer':
      return z.int().check(
        z.minimum(type.minimum),
        z.maximum(type.maximum),
        z.refine((value) => !Object.is(value, -0)),
      );
    case 'decimal': {
      const { scale } = type;
      const scaled = (text: string): bigint => BigInt(text.replace('.', ''));
      return z.string().check(
        z.regex(new RegExp(`^(?!-0(\\.0+)?$)-?(0|[1-9]\\d*)${scale > 0 ? `\\.\\d{${scale}}` : ''}$`), { abort: true }),
        z.refine((text) => scaled(text) >= scaled(type.minimum) && scaled(text) <= scaled(type.maximum)),
      );
    }
    case 'date':
      return z.string().check(
        z.regex(/^\d{4}-\d\d-\d\d$/),
        z.refine((text) => text >= type.minimum && text <= type.maximum && existsInCalendar(text)),
      );
    case 'instant':
      return z.string().check(z.refine(isInstantByDate));
    case 'boolean':
      return z.boolean();
    case 'email':
      return z.string().check(z.regex(EMAIL));
    case 'ein':
      return z.string().check(z.regex(EIN));
  }
}

function existsInCalendar(date: string): boolean {
  const time = new Date(`${date}T00:00:00Z`);
  return !Number.isNaN(time.getTime()) && time.toISOString().startsWith(date);
}

function isInstantByDate(text: string): boolean {
  const [, date, , second] = INSTANT.exec(text) ?? [];
  if (date === undefined || !existsInCalendar(date)) return false;
  if (second !== '60') return true;
  // The leap second is the one after 23:59:59 UTC: that second must end June or December.
  const before = new Date(text.replace(/:60(?:\.\d+)?/, ':59')).toISOString();
  return before >= '1972' && /-(?:06-30|12-31)T23:59:59/.test(before);
}
