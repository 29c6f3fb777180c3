// Canonical fields from PostgreSQL's binary formats: what shared/canonical/postgres/ writes for common values, and nothing else. Every
// function returns where the field ends, or 0 for a value that is rare and that the host writes.

// Tags of shared/canonical/tag.ts.
const INTEGER: u8 = 0x10;
const DECIMAL: u8 = 0x11;
const FLOAT32: u8 = 0x12;
const FLOAT64: u8 = 0x13;
const BOOLEAN: u8 = 0x14;
const UUID: u8 = 0x22;
const INSTANT: u8 = 0x30;
const DATE: u8 = 0x31;
const TIME: u8 = 0x32;
const DATETIME: u8 = 0x33;

export const RARE: usize = 0;

/** `MAXIMUM_PAYLOAD_BYTES` of shared/canonical/field.ts; the host refuses more. */
const MAXIMUM_PAYLOAD_BYTES: usize = 0x0fffffff;

// From PostgreSQL's epoch, 2000-01-01, to 1970.
const EPOCH_DAYS: i64 = 10_957;
const MICROSECONDS_PER_DAY: i64 = 86_400_000_000;
const EPOCH_MICROSECONDS: i64 = EPOCH_DAYS * MICROSECONDS_PER_DAY;

/** Tag and a length below 128; returns where the payload begins. */
function head(at: usize, tag: u8, length: usize): usize {
  store<u8>(at, tag);
  store<u8>(at, <u8>length, 1);
  return at + 2;
}

/** Tag and a length of any size. */
function longHead(at: usize, tag: u8, length: usize): usize {
  store<u8>(at, tag);
  let next = at + 1;
  let rest = length;
  for (; rest >= 0x80; rest >>= 7) store<u8>(next++, <u8>((rest & 0x7f) | 0x80));
  store<u8>(next, <u8>rest);
  return next + 1;
}

/** Bytes that a number takes in two's complement. */
function bytesOf(value: i64): usize {
  return ((64 - <usize>clz(value ^ (value >> 63))) >> 3) + 1;
}

/** The lower `length` bytes of a number, big-endian. Writes eight. */
function storeBytes(at: usize, value: i64, length: usize): usize {
  store<u64>(at, bswap((<u64>value) << (64 - 8 * <u64>length)));
  return at + length;
}

export function integer(source: usize, length: usize, at: usize): usize {
  let value: i64;
  if (length === 8) value = <i64>bswap(load<u64>(source));
  else if (length === 4) value = <i64>(<i32>bswap(load<u32>(source)));
  else if (length === 2) value = <i64>(<i16>bswap(load<u16>(source)));
  else return RARE;
  const bytes = bytesOf(value);
  return storeBytes(head(at, INTEGER, bytes), value, bytes);
}

export function boolean(source: usize, length: usize, at: usize): usize {
  const value = load<u8>(source);
  if (length !== 1 || value > 1) return RARE;
  store<u8>(head(at, BOOLEAN, 1), value);
  return at + 3;
}

/** NaN, the infinities and −0 are rare, and so is what begins like them. */
export function float(source: usize, length: usize, at: usize, width: usize): usize {
  const first = load<u8>(source);
  if (length !== width || (first & 0x7f) === 0x7f || (first === 0x80 && load<u8>(source, 1) === 0)) return RARE;
  const next = head(at, width === 8 ? FLOAT64 : FLOAT32, width);
  store<u64>(next, load<u64>(source));
  return next + width;
}

export function uuid(source: usize, length: usize, at: usize): usize {
  if (length !== 16) return RARE;
  const next = head(at, UUID, 16);
  v128.store(next, v128.load(source));
  return next + 16;
}

/**
 * Copies in steps of sixteen bytes, reading and writing up to fifteen beyond; returns a bit for every byte of the last step, and for those
 * before together, that is not ASCII.
 */
function copy(source: usize, length: usize, target: usize): u32 {
  let seen = i8x16.splat(0);
  let done: usize = 0;
  for (; done + 16 < length; done += 16) {
    const piece = v128.load(source + done);
    v128.store(target + done, piece);
    seen = v128.or(seen, piece);
  }
  const last = v128.load(source + done);
  v128.store(target + done, last);
  return i8x16.bitmask(seen) | (i8x16.bitmask(last) & (((<u32>1) << (<u32>(length - done))) - 1));
}

/** `trims` and `normalizes`: a text to which that rule may have something to do is rare. So is an empty one, or one that is not UTF-8. */
export function text(source: usize, length: usize, at: usize, tag: u8, trims: bool, normalizes: bool): usize {
  if (length === 0 || length > MAXIMUM_PAYLOAD_BYTES) return RARE;
  if (trims && load<u8>(source + length - 1) === 0x20) return RARE;
  const next = longHead(at, tag, length);
  const beyondAscii = copy(source, length, next) !== 0;
  if (beyondAscii && (normalizes || !isUtf8(source, length))) return RARE;
  return next + length;
}

/** `trims`: bytes that end in a zero are rare. */
export function bytes(source: usize, length: usize, at: usize, tag: u8, trims: bool): usize {
  if (length === 0 || length > MAXIMUM_PAYLOAD_BYTES) return RARE;
  if (trims && load<u8>(source + length - 1) === 0) return RARE;
  const next = longHead(at, tag, length);
  copy(source, length, next);
  return next + length;
}

/** Well-formed byte sequences of UTF-8 (the Unicode Standard, table 3-7). */
function isUtf8(source: usize, length: usize): bool {
  const end = source + length;
  let at = source;
  while (at < end) {
    const lead = load<u8>(at++);
    if (lead < 0x80) continue;
    // The first byte that follows has limits of its own: no overlong form, no surrogate, nothing beyond U+10FFFF.
    let least: u8 = 0x80;
    let most: u8 = 0xbf;
    let following: usize = 1;
    if (lead >= 0xf0) {
      if (lead > 0xf4) return false;
      following = 3;
      if (lead === 0xf0) least = 0x90;
      if (lead === 0xf4) most = 0x8f;
    } else if (lead >= 0xe0) {
      following = 2;
      if (lead === 0xe0) least = 0xa0;
      if (lead === 0xed) most = 0x9f;
    } else if (lead < 0xc2) {
      return false;
    }
    if (at + following > end) return false;
    if (load<u8>(at) < least || load<u8>(at) > most) return false;
    for (let index: usize = 1; index < following; index++) {
      if ((load<u8>(at + index) & 0xc0) !== 0x80) return false;
    }
    at += following;
  }
  return true;
}

/** `scale`: a numeric that shows more digits after the point is rare. */
export function numeric(source: usize, length: usize, at: usize, scale: u32): usize {
  if (length < 8) return RARE;
  const sign = <u32>bswap(load<u16>(source, 4));
  const groups = <usize>bswap(load<u16>(source));
  if (sign > 0x4000 || <u32>bswap(load<u16>(source, 6)) > scale || length !== 8 + 2 * groups) return RARE;
  let weight = <i32>(<i16>bswap(load<u16>(source, 2)));
  let first = source + 8;
  let last = source + length;
  for (; first < last && load<u16>(first) === 0; first += 2) weight--;
  while (last > first && load<u16>(last - 2) === 0) last -= 2;
  if (first === last) {
    store<u8>(head(at, DECIMAL, 1), 0);
    return at + 3;
  }
  const zigzag = <u32>((weight << 1) ^ (weight >> 31));
  const varint: usize = zigzag < 0x80 ? 1 : zigzag < 0x4000 ? 2 : 3;
  let next = longHead(at, DECIMAL, 1 + varint + (last - first));
  store<u8>(next++, sign === 0 ? 1 : 2);
  next = storeVarint(next, zigzag);
  copy(first, last - first, next);
  return next + (last - first);
}

function storeVarint(at: usize, value: u32): usize {
  let next = at;
  let rest = value;
  for (; rest >= 0x80; rest >>= 7) store<u8>(next++, <u8>((rest & 0x7f) | 0x80));
  store<u8>(next, <u8>rest);
  return next + 1;
}

/** Whether a count of microseconds is neither infinity, and has no digits beyond its precision: `step` divides it. */
function isCommon(value: i64, step: i64): bool {
  return value !== i64.MAX_VALUE && value !== i64.MIN_VALUE && (step === 1 || value % step === 0);
}

export function instant(source: usize, length: usize, at: usize, precision: u8, step: i64): usize {
  const value = <i64>bswap(load<u64>(source));
  if (length !== 8 || !isCommon(value, step)) return RARE;
  // (value + epoch) · 1000, of which the upper part may need more than 32 bits: until 2262 it does not.
  const low = ((value & 0xffffffff) + (EPOCH_MICROSECONDS & 0xffffffff)) * 1000;
  const high = ((value >> 32) + (EPOCH_MICROSECONDS >> 32)) * 1000 + (low >> 32);
  const near = high === <i64>(<i32>high);
  const number = near ? (high << 32) | (low & 0xffffffff) : high;
  const bytes = bytesOf(number);
  const total = near ? bytes : bytes + 4;
  const next = head(at, INSTANT, 1 + total);
  store<u8>(next, precision);
  const end = storeBytes(next + 1, number, bytes);
  if (!near) store<u32>(end, bswap(<u32>low));
  return next + 1 + total;
}

export function date(source: usize, length: usize, at: usize): usize {
  const value = <i32>bswap(load<u32>(source));
  if (length !== 4 || value === i32.MAX_VALUE || value === i32.MIN_VALUE) return RARE;
  const next = storeDay(at + 2, <i64>value + EPOCH_DAYS);
  head(at, DATE, next - at - 2);
  return next;
}

export function datetime(source: usize, length: usize, at: usize, precision: u8, step: i64): usize {
  const value = <i64>bswap(load<u64>(source));
  if (length !== 8 || !isCommon(value, step)) return RARE;
  let days = value / MICROSECONDS_PER_DAY;
  let time = value % MICROSECONDS_PER_DAY;
  if (time < 0) {
    time += MICROSECONDS_PER_DAY;
    days--;
  }
  const next = storeDay(at + 2, days + EPOCH_DAYS);
  store<u8>(next, precision);
  const end = storeBytes(next + 1, time * 1000, 6);
  head(at, DATETIME, end - at - 2);
  return end;
}

/** 24:00:00 is rare. */
export function time(source: usize, length: usize, at: usize, precision: u8, step: i64): usize {
  const value = <i64>bswap(load<u64>(source));
  if (length !== 8 || value < 0 || value >= MICROSECONDS_PER_DAY || value % step !== 0) return RARE;
  const next = head(at, TIME, 8);
  store<u8>(next, 0);
  store<u8>(next, precision, 1);
  return storeBytes(next + 2, value * 1000, 6);
}

/** Days since 1970 as kind, year, month and day: shared/canonical/calendar.ts and `encodeDateParts` of types/date.ts. */
function storeDay(at: usize, days: i64): usize {
  const shifted = days + 719_468;
  const era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097;
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365;
  const dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
  const shiftedMonth = (5 * dayOfYear + 2) / 153;
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  const year = <i32>(yearOfEra + era * 400 + (month <= 2 ? 1 : 0));
  store<u8>(at, 0);
  const next = storeVarint(at + 1, <u32>((year << 1) ^ (year >> 31)));
  store<u8>(next, <u8>month);
  store<u8>(next, <u8>(dayOfYear - (153 * shiftedMonth + 2) / 5 + 1), 1);
  return next + 2;
}
