/** One line that says what goes on: rewritten in a terminal, a line each time otherwise. */
export interface Progress {
  show(text: string): void;
  clear(): void;
}

export function progressLine(stream: NodeJS.WriteStream): Progress {
  let shown = '';
  return {
    show: (text) => {
      if (text === shown) return;
      stream.write(stream.isTTY ? `\r\u001b[K${text}` : `${text}\n`);
      shown = text;
    },
    clear: () => {
      if (stream.isTTY && shown !== '') stream.write('\r\u001b[K');
      shown = '';
    },
  };
}
