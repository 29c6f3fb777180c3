import type { Codec } from './codec.ts';
import type { Declared, Kind } from './column-type.ts';
import { array } from './types/array.ts';
import { boolean } from './types/boolean.ts';
import { byteString } from './types/bytes.ts';
import { date } from './types/date.ts';
import { datetime } from './types/datetime.ts';
import { decimal } from './types/decimal.ts';
import { float } from './types/float.ts';
import { instant } from './types/instant.ts';
import { integer } from './types/integer.ts';
import { json } from './types/json.ts';
import { map } from './types/map.ts';
import { set } from './types/set.ts';
import { text } from './types/text.ts';
import { time } from './types/time.ts';
import { uuid } from './types/uuid.ts';

/** Every canonical type, by the kind that a contract declares. */
const TYPES: { readonly [K in Kind]: (declared: Declared<K>) => Codec } = {
  integer: () => integer,
  decimal,
  float32: float,
  float64: float,
  boolean: () => boolean,
  text,
  bytes: byteString,
  uuid: () => uuid,
  instant,
  date: () => date,
  time,
  datetime,
  json: () => json,
  array: ({ element }) => array(codecFor(element)),
  set: ({ element }) => set(codecFor(element)),
  map: ({ element }) => map(codecFor(element)),
};

/** The codec of a declared type. */
export function codecFor<K extends Kind>(declared: Declared<K> & { readonly kind: K }): Codec {
  return TYPES[declared.kind](declared);
}
