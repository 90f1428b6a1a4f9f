// A terminal as far as progress uses one: what is on its screen after some writes. Anything else it is sent is an error.

export interface TerminalScreen {
  write(text: string): void;
  /** Lines without trailing blanks; those that scrolled away included. */
  lines(): string[];
}

export function createTerminalScreen(columns: number, rows: number): TerminalScreen {
  const lines: string[] = [''];
  let row = 0;
  let column = 0;

  const put = (text: string): void => {
    const line = (lines[row] ?? '').padEnd(column);
    lines[row] = line.slice(0, column) + text + line.slice(column + text.length);
    column += text.length;
    if (column > columns) throw new Error(`line ${row} is wider than the terminal: ${lines[row]}`);
  };

  return {
    write(text) {
      for (const part of text.match(/\x1b\[[0-9;]*[A-Za-z]|[\r\n]|[^\x1b\r\n]+|\x1b/g) ?? []) {
        const up = /^\x1b\[(\d+)A$/.exec(part);
        if (up) {
          if (Number(up[1]) >= rows) throw new Error(`${up[1]} lines up on a screen of ${rows}`);
          row -= Number(up[1]);
          if (row < 0) throw new Error('above the first line');
        } else if (part === '\r') {
          column = 0;
        } else if (part === '\n') {
          row++;
          column = 0;
          lines[row] ??= '';
        } else if (part === '\x1b[K') {
          lines[row] = lines[row]!.slice(0, column);
        } else if (part === '\x1b[J') {
          lines[row] = lines[row]!.slice(0, column);
          lines.length = row + 1;
        } else if (part.startsWith('\x1b')) {
          if (!/^\x1b\[[0-9;]*m$/.test(part))
            throw new Error(`a sequence nobody asked for: ${JSON.stringify(part)}`);
        } else {
          if (/[\0-\x1f\x7f-\x9f]/.test(part))
            throw new Error(`a control character: ${JSON.stringify(part)}`);
          put(part);
        }
      }
    },
    lines: () => lines.map((line) => line.trimEnd()),
  };
}
