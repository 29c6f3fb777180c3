import type { Operator } from './operator.ts';

/** An address as a number of `bits` bits; IPv4 and IPv6 never match each other. */
interface Address {
  readonly bits: 32 | 128;
  readonly value: bigint;
}

const OCTET = /^(0|[1-9]\d{0,2})$/;
const GROUP = /^[0-9a-fA-F]{1,4}$/;

function parseV4(text: string): bigint | undefined {
  const octets = text.split('.');
  if (octets.length !== 4) return undefined;
  let value = 0n;
  for (const octet of octets) {
    if (!OCTET.test(octet) || Number(octet) > 255) return undefined;
    value = (value << 8n) | BigInt(octet);
  }
  return value;
}

/** RFC 4291 section 2.2: eight groups, one `::` for a run of zero groups, the last 32 bits perhaps dotted. */
function parseV6(text: string): bigint | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map(parseGroups);
  if (head === undefined || (halves.length === 2 && tail === undefined)) return undefined;
  const missing = 8 - head.length - (tail?.length ?? 0);
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const groups = [...head, ...new Array<bigint>(missing).fill(0n), ...(tail ?? [])];
  return groups.reduce((value, group) => (value << 16n) | group, 0n);
}

function parseGroups(text: string): readonly bigint[] | undefined {
  if (text === '') return [];
  const groups: bigint[] = [];
  const parts = text.split(':');
  for (const [index, part] of parts.entries()) {
    const dotted = index === parts.length - 1 ? parseV4(part) : undefined;
    if (dotted !== undefined) groups.push(dotted >> 16n, dotted & 0xffffn);
    else if (GROUP.test(part)) groups.push(BigInt(`0x${part}`));
    else return undefined;
  }
  return groups;
}

function parseAddress(text: string): Address | undefined {
  const v4 = parseV4(text);
  if (v4 !== undefined) return { bits: 32, value: v4 };
  const v6 = parseV6(text);
  return v6 === undefined ? undefined : { bits: 128, value: v6 };
}

/** A CIDR block, or one address. */
export const ipAddress: Operator = {
  negated: false,
  compile: (text) => {
    const [network, length, ...more] = text.split('/');
    const block = parseAddress(network ?? '');
    const prefix = length === undefined ? block?.bits : OCTET.test(length) ? Number(length) : undefined;
    if (!block || prefix === undefined || prefix > block.bits || more.length > 0) {
      throw new SyntaxError('An IpAddress condition has a value that is no CIDR block.');
    }
    const shift = BigInt(block.bits - prefix);
    return (actual) => {
      const address = parseAddress(actual);
      if (!address) return undefined;
      return address.bits === block.bits && address.value >> shift === block.value >> shift;
    };
  },
};
