/** A request body that is an XML document. */
import type { BucketCall, ObjectCall } from '../call.ts';
import { readXml, type XmlNode } from '../xml/read.ts';
import { declaredBody, type Headers } from './declared.ts';
import { receive } from './receive.ts';

/**
 * Reads it whole, verified as any body is; at most `maxBytes`. `headers` are those that speak of the body, where not all do.
 */
export async function readDocument(
  call: BucketCall | ObjectCall,
  root: string,
  maxBytes: number,
  headers: Headers = call.headers,
): Promise<XmlNode> {
  const pieces: Buffer[] = [];
  const { body, signature } = call.request;
  await receive(body, {
    declared: declaredBody(headers),
    signature,
    maxBytes,
    sink: (piece) => {
      pieces.push(piece);
    },
  });
  return readXml(Buffer.concat(pieces), root);
}
