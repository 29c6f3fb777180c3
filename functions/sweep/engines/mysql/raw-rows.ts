/**
 * The rows of a result as the bytes that the server sent.
 *
 * The driver would make an array and a buffer object per value of each row, which costs several times what encoding the values does. So a
 * query's handler of row packets is replaced, on that query alone, by one that hands over the packet. This relies on the inside of mysql2,
 * whose version is pinned for it; the guards below refuse another inside, and the conformance suite runs over it.
 */
import type { Connection } from 'mysql2';
import { Problem } from '../../../../shared/problem.ts';
import { endpointProblem } from './errors.ts';

/** A row packet of the text protocol: `count` values from `start` to `end`, each behind its length. Good during the call. */
export type TakeRow = (bytes: Uint8Array, start: number, end: number) => void;

interface Packet {
  readonly buffer: Uint8Array;
  readonly offset: number;
  readonly end: number;
  isEOF(): boolean;
}

type Handle = (packet: unknown, connection: unknown) => unknown;

function isPacket(packet: unknown): packet is Packet {
  return (
    typeof packet === 'object' &&
    packet !== null &&
    'buffer' in packet &&
    packet.buffer instanceof Uint8Array &&
    'offset' in packet &&
    typeof packet.offset === 'number' &&
    'end' in packet &&
    typeof packet.end === 'number' &&
    'isEOF' in packet &&
    typeof packet.isEOF === 'function'
  );
}

function hasRowHandler(query: object): query is { row: Handle } {
  return 'row' in query && typeof query.row === 'function';
}

/** Runs a query; resolves when its last row has been taken. What `take` throws ends the query, by ending the connection. */
export function readRaw(connection: Connection, sql: string, take: TakeRow): Promise<void> {
  return new Promise((resolve, reject) => {
    const query: object = connection.query(sql, (error) => (error ? reject(endpointProblem(error)) : resolve()));
    if (!hasRowHandler(query)) throw unknownDriver();
    const original = query.row.bind(query);
    let checked = false;
    const handle: Handle = (packet, inner) => {
      if (!checked && !isPacket(packet)) throw unknownDriver();
      checked = true;
      const row = packet as Packet;
      if (row.isEOF()) return original(packet, inner);
      try {
        take(row.buffer, row.offset, row.end);
      } catch (error) {
        connection.destroy();
        reject(error);
      }
      return handle;
    };
    query.row = handle;
  });
}

const unknownDriver = (): Problem =>
  new Problem('internal-failure', { detail: 'The MySQL driver is not the one that this was written for.' });

/** Where a value lies in a row packet; `start` is −1 for NULL. */
export interface ValueSpan {
  start: number;
  end: number;
}

/** Reads the length-encoded value at `at` (MySQL's protocol, "Protocol::LengthEncodedString"); returns where the next one begins. */
export function readValue(bytes: Uint8Array, at: number, span: ValueSpan): number {
  const first = bytes[at] ?? 0;
  if (first < 0xfb) {
    span.start = at + 1;
    span.end = at + 1 + first;
    return span.end;
  }
  if (first === 0xfb) {
    span.start = -1;
    span.end = -1;
    return at + 1;
  }
  const width = first === 0xfc ? 2 : first === 0xfd ? 3 : 8;
  let length = 0;
  for (let index = width; index > 0; index--) length = length * 256 + (bytes[at + index] ?? 0);
  span.start = at + 1 + width;
  span.end = span.start + length;
  return span.end;
}
