/** The log of one function: `logs/<function>.log` in the state folder, one line per line that the function wrote. */
import { createWriteStream, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';

export interface FunctionLog {
  /** Takes everything that comes out of a stream. */
  follow(stream: Readable): void;
  /** A line of the platform's own, as Lambda writes them in its JSON log format. */
  write(entry: Readonly<Record<string, unknown>>): void;
  close(): Promise<void>;
}

export function openLog(folder: string, functionName: string): FunctionLog {
  mkdirSync(folder, { recursive: true });
  const file = createWriteStream(join(folder, `${functionName}.log`), { flags: 'a' });
  return {
    follow: (stream) => {
      stream.on('data', (chunk: Buffer | string) => {
        if (!file.closed && !file.writableEnded) file.write(chunk);
      });
    },
    write: (entry) => {
      if (!file.writableEnded) file.write(`${JSON.stringify(entry)}\n`);
    },
    close: () => new Promise((resolve) => file.end(resolve)),
  };
}
