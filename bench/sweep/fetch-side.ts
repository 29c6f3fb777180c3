/**
 * Fetches both sides at once, each in a thread of its own, and drops what comes: what a sweep is held against.
 *
 *   node bench/sweep/fetch-side.ts driver|bare <source URL> <target URL> <source table> <target table>
 *
 * `driver`: PostgreSQL by binary COPY, one statement a side; MySQL in its text protocol, of which the driver cuts rows and nothing else.
 * `bare`: the same statements, but nobody looks at what comes from the socket, so that nothing that has to look can be faster.
 */
import type { Socket } from 'node:net';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import mysql from 'mysql2';
import pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { parseMysqlUrl } from '../../functions/sweep/engines/mysql/place.ts';
import { Session as MysqlSession } from '../../functions/sweep/engines/mysql/session.ts';
import { selectList } from './rows.ts';

interface Side {
  readonly bare: boolean;
  readonly url: string;
  readonly table: string;
}

async function fetchPostgres({ bare, url, table }: Side): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const sql = `COPY (SELECT ${selectList()} FROM ${table}) TO STDOUT (FORMAT binary)`;
  if (bare) {
    return dropped(socketOf(client, 'connection'), postgresEnd(), () => client.connection.query(sql));
  }
  const stream = client.query(copyTo(sql));
  let bytes = 0;
  stream.on('data', (piece: Buffer) => {
    bytes += piece.length;
  });
  await new Promise((resolve, reject) => stream.on('end', resolve).on('error', reject));
  await client.end();
  return bytes;
}

async function fetchMysql({ bare, url, table }: Side): Promise<number> {
  const sql = `SELECT ${selectList()} FROM parapet.${table}`;
  const place = parseMysqlUrl(url);
  if (bare) {
    const connection = mysql.createConnection({ ...place });
    await new Promise<void>((resolve, reject) => connection.connect((error) => (error ? reject(error) : resolve())));
    return dropped(socketOf(connection), mysqlEnd(), () => connection.query(sql));
  }
  const session = await MysqlSession.connect(place);
  let bytes = 0;
  await session.raw(sql, (_bytes, start, end) => {
    bytes += end - start;
  });
  await session.close();
  return bytes;
}

function socketOf(client: object, within?: string): Socket {
  const holder: object = within === undefined ? client : Reflect.get(client, within);
  return Reflect.get(holder, 'stream');
}

function dropped(socket: Socket, isLast: (piece: Buffer) => boolean, ask: () => unknown): Promise<number> {
  return new Promise((resolve) => {
    socket.removeAllListeners('data');
    let bytes = 0;
    socket.on('data', (piece: Buffer) => {
      bytes += piece.length;
      if (!isLast(piece)) return;
      socket.destroy();
      resolve(bytes);
    });
    ask();
  });
}

/** ReadyForQuery, idle: nothing comes after it. It may come in two pieces. */
function postgresEnd(): (piece: Buffer) => boolean {
  const end = Buffer.from('Z\0\0\0\x05I', 'latin1');
  let last: Buffer = Buffer.alloc(0);
  return (piece) => {
    last = (piece.length < end.length ? Buffer.concat([last, piece]) : piece).subarray(-end.length);
    return last.equals(end);
  };
}

/** Two packets are EOF: one behind the columns, one behind the rows. Of the packets in between, only the lengths are looked at. */
function mysqlEnd(): (piece: Buffer) => boolean {
  const head = Buffer.alloc(5);
  let [filled, left, seen] = [0, 0, 0];
  return (piece) => {
    for (let at = 0; at < piece.length; ) {
      if (left > 0) {
        const skipped = Math.min(left, piece.length - at);
        left -= skipped;
        at += skipped;
        continue;
      }
      // Three bytes of length, one of sequence, and the first of the packet.
      head[filled++] = piece[at++] ?? 0;
      if (filled < head.length) continue;
      const length = head.readUIntLE(0, 3);
      filled = 0;
      left = length - 1;
      if (length === 5 && head[4] === 0xfe) seen += 1;
      if (seen === 2) return true;
    }
    return false;
  };
}

if (isMainThread) {
  const [how, source, target, sourceTable, targetTable] = process.argv.slice(2);
  if (source === undefined || target === undefined || sourceTable === undefined || targetTable === undefined) {
    throw new Error('fetch-side.ts driver|bare <source URL> <target URL> <source table> <target table>');
  }
  const bare = how === 'bare';
  const sides: readonly Side[] = [
    { bare, url: source, table: sourceTable },
    { bare, url: target, table: targetTable },
  ];
  const bytes = await Promise.all(
    sides.map(
      (side) =>
        new Promise<number>((resolve, reject) => {
          new Worker(new URL(import.meta.url), { workerData: side }).on('message', resolve).on('error', reject);
        }),
    ),
  );
  if (bytes.some((count) => count === 0)) throw new Error('Nothing was fetched.');
  console.log(JSON.stringify({ bytes }));
  process.exit();
} else {
  const side: Side = workerData;
  parentPort?.postMessage(await (side.url.startsWith('postgres') ? fetchPostgres(side) : fetchMysql(side)));
}
