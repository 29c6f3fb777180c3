/** One line for every call, as a trail would have it: who, what, on which resources, allowed or not. Never a payload. */
import { createWriteStream, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';

export interface CallRecord {
  /** RFC 3339. */
  readonly time: string;
  readonly sequence: number;
  readonly requestId: string;
  readonly caller: string;
  readonly operation: string;
  /** ARNs that permissions were asked on. */
  readonly resources: readonly string[];
  /** `none`: nothing was asked, the call did not come so far. */
  readonly decision: 'allow' | 'deny' | 'none';
  readonly status: number;
  readonly errorCode?: string;
  /** The fault that was injected. */
  readonly fault?: string;
  readonly vpcEndpoint?: string;
}

export interface CallLog {
  append(record: CallRecord): void;
  close(): Promise<void>;
}

/** Appends to `<folder>/calls.ndjson`. */
export function openCallLog(folder: string): CallLog {
  mkdirSync(folder, { recursive: true });
  const stream = createWriteStream(join(folder, 'calls.ndjson'), { flags: 'a' });
  return {
    append: (record) => {
      stream.write(`${JSON.stringify(record)}\n`);
    },
    close: async () => {
      stream.end();
      await finished(stream);
    },
  };
}
