/**
 * The first byte of every field. Absent (a document without the attribute), NULL, empty and value have different tags, and so
 * has every type: a field can be read without knowing its column.
 */
export const TAG = {
  absent: 0x01,
  null: 0x02,
  /** An empty text, byte string, array, set or map; the payload is that type's tag. */
  empty: 0x03,
  integer: 0x10,
  decimal: 0x11,
  float32: 0x12,
  float64: 0x13,
  boolean: 0x14,
  text: 0x20,
  bytes: 0x21,
  uuid: 0x22,
  /** A keyed token in the place of a masked value. */
  token: 0x23,
  instant: 0x30,
  date: 0x31,
  time: 0x32,
  datetime: 0x33,
  json: 0x40,
  array: 0x41,
  set: 0x42,
  map: 0x43,
} as const;

export type Tag = (typeof TAG)[keyof typeof TAG];
