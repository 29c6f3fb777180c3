import type { IncomingMessage } from 'node:http';

/** The parts of a request that a signature covers, as they were sent. */
export interface RequestLine {
  readonly method: string;
  /** Percent-encoded, without the query. */
  readonly path: string;
  /** As sent, without the question mark. */
  readonly rawQuery: string;
  readonly query: URLSearchParams;
  /** Lower-case names; values of a repeated header joined by a comma. */
  readonly headers: Readonly<Record<string, string>>;
}

export function requestLine(message: IncomingMessage): RequestLine {
  const url = message.url ?? '/';
  const mark = url.indexOf('?');
  const rawQuery = mark < 0 ? '' : url.slice(mark + 1);
  const headers = Object.entries(message.headersDistinct).map(([name, values]) => [name, (values ?? []).join(',')]);
  return {
    method: message.method ?? 'GET',
    path: mark < 0 ? url : url.slice(0, mark),
    rawQuery,
    query: new URLSearchParams(rawQuery),
    headers: Object.fromEntries(headers),
  };
}
