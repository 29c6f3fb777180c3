import { createHash } from 'node:crypto';

/** Hex digest of the parts, each kept apart from the next. */
export function digest(...parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('\0')).digest('hex');
}

const SUFFIX_LENGTH = 8;

/** At most `longest` characters: what would be longer ends in a digest of the whole, so that two long names stay apart. */
export function shorten(name: string, longest: number): string {
  if (name.length <= longest) return name;
  return `${name.slice(0, longest - SUFFIX_LENGTH - 1).replace(/-+$/, '')}-${digest(name).slice(0, SUFFIX_LENGTH)}`;
}

/** UUID-shaped (RFC 9562 version 8, "custom"), the same for the same parts: ids of keys. */
export function deterministicUuid(...parts: readonly string[]): string {
  const hex = digest(...parts);
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}
