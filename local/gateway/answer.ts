import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ApiResponse } from '../service.ts';

/** Writes an answer whole. A client that has gone away is no error: it has what it asked for, or will ask again. */
export async function sendAnswer(
  message: IncomingMessage,
  response: ServerResponse,
  answer: ApiResponse,
): Promise<void> {
  if (response.destroyed || response.headersSent) return discard(answer);
  const { body } = answer;
  response.writeHead(answer.status, {
    ...answer.headers,
    ...(typeof body === 'string' || body instanceof Uint8Array ? { 'content-length': Buffer.byteLength(body) } : {}),
    // What is left of a request that was refused early is not read to its end.
    ...(message.complete ? {} : { connection: 'close' }),
  });
  if (body instanceof Readable) {
    // When the source fails in mid-stream the connection must break: the client would take a short body for the whole.
    await pipeline(body, response).catch(() => response.destroy());
    return;
  }
  response.end(message.method === 'HEAD' ? undefined : body);
  message.resume();
}

/** Lets go of an answer that nobody gets. */
export function discard(answer: ApiResponse): void {
  if (answer.body instanceof Readable) answer.body.destroy();
}

/** The whole body. `undefined` when it is longer than `limit` bytes. */
export async function readBody(message: IncomingMessage, limit: number): Promise<Buffer | undefined> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of message) {
    const bytes = Buffer.from(piece);
    length += bytes.length;
    if (length > limit) return undefined;
    pieces.push(bytes);
  }
  return Buffer.concat(pieces);
}
