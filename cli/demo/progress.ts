/** One line that says what goes on: rewritten in a terminal; elsewhere a new line, at most every two seconds. */
export interface Progress {
  show(text: string): void;
  clear(): void;
}

/** A log that nobody watches needs no line for every step. */
const QUIET_MS = 2_000;

export function progressLine(stream: NodeJS.WriteStream): Progress {
  let shown = '';
  let last = Number.NEGATIVE_INFINITY;
  return {
    show: (text) => {
      if (text === shown || (!stream.isTTY && Date.now() - last < QUIET_MS)) return;
      last = Date.now();
      stream.write(stream.isTTY ? `\r\u001b[K${text}` : `${text}\n`);
      shown = text;
    },
    clear: () => {
      if (stream.isTTY && shown !== '') stream.write('\r\u001b[K');
      shown = '';
    },
  };
}
