import { json } from './json.ts';
import type { Protocol } from './protocol.ts';
import { query } from './query.ts';
import { restXml } from './rest-xml.ts';

/** By signing name; every other service speaks JSON. */
const PROTOCOLS: Readonly<Record<string, Protocol>> = { s3: restXml, sts: query };

/** @param service signing name; `undefined` when the request does not even say that */
export function protocolOf(service: string | undefined, headers: Readonly<Record<string, string>>): Protocol {
  if (service !== undefined) return PROTOCOLS[service] ?? json;
  return headers['x-amz-target'] === undefined ? restXml : json;
}
