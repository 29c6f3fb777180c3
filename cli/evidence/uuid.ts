import { createHash } from 'node:crypto';

/** Drawn once; everything of ours is named below it. */
const NAMESPACE = '2cbc67bf-d4e1-4047-bd39-8da1801dded2';

/** The same name gives the same UUID, so that two runs differ only in what differs. */
export const uuidOf = (...name: readonly string[]): string => version5(NAMESPACE, name.join('\u001f'));

/** RFC 9562 section 5.5. */
export function version5(namespace: string, name: string): string {
  const digest = createHash('sha1')
    .update(Buffer.from(namespace.replaceAll('-', ''), 'hex'))
    .update(name)
    .digest()
    .subarray(0, 16);
  digest.writeUInt8((digest.readUInt8(6) & 0x0f) | 0x50, 6);
  digest.writeUInt8((digest.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = digest.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
