// Splits a command's output, which comes in chunks of any size, into lines of text.
import { StringDecoder } from 'node:string_decoder';

export interface LineSplitter {
  /** The lines that this chunk completes. */
  push(chunk: Uint8Array): string[];
  /** What is left at the end, if anything: a last line without its end. */
  flush(): string[];
  /** The line that is being written, as it stands. */
  partial(): string;
}

/** A line longer than this many UTF-16 units is given in pieces, so that memory stays bounded. */
const longest = 1 << 16;

/**
 * Lines end with LF or CR LF. A lone CR is a tool that draws its progress over the line: the last state counts.
 * Bytes that are no UTF-8 become U+FFFD.
 */
export function createLineSplitter(): LineSplitter {
  const decoder = new StringDecoder('utf8');
  let rest = '';

  const cut = (text: string): string[] => {
    const lines = (rest + text).split('\n');
    rest = lines.pop()!;
    const complete = lines.flatMap((line) => pieces(lastState(line)));
    // A CR at the very end may be the first half of a CR LF.
    rest = rest.endsWith('\r') ? `${lastState(rest)}\r` : lastState(rest);
    while (rest.length > longest) {
      complete.push(rest.slice(0, longest));
      rest = rest.slice(longest);
    }
    return complete;
  };

  return {
    push: (chunk) => cut(decoder.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength))),
    flush: () => {
      const complete = cut(decoder.end());
      const last = lastState(rest);
      rest = '';
      return last === '' ? complete : [...complete, last];
    },
    partial: () => lastState(rest),
  };
}

/** What a line shows after its carriage returns: the last state that is not empty. */
function lastState(line: string): string {
  if (!line.includes('\r')) return line;
  return line.split('\r').findLast((state) => state !== '') ?? '';
}

function pieces(line: string): string[] {
  if (line.length <= longest) return [line];
  const result: string[] = [];
  for (let at = 0; at < line.length; at += longest) result.push(line.slice(at, at + longest));
  return result;
}
