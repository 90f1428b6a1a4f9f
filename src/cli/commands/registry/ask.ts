// Asks at the terminal for what was not given: a word, or a password that is not shown.
import { SlipwayError } from '../../../errors.ts';
import type { Session } from '../../session.ts';

type Asking = Pick<Session, 'stdin' | 'stderr' | 'signal'>;
type Terminal = AsyncIterable<Uint8Array> & { isTTY?: boolean; setRawMode?: (raw: boolean) => void };

/** No login is longer; what is longer is the wrong file. */
const longest = 64 << 10;

/** Up to the end of the line; what came after it is left for the next question. */
const rest = new WeakMap<object, string>();

async function readLine(stdin: Terminal, echo: ((text: string) => void) | undefined): Promise<string> {
  let line = rest.get(stdin) ?? '';
  rest.delete(stdin);
  const iterator = stdin[Symbol.asyncIterator]();
  const end = (): number => line.search(/[\r\n\u0004]/);
  while (end() < 0 && line.length <= longest) {
    const { value, done } = await iterator.next();
    if (done) break;
    for (const character of Buffer.from(value).toString('utf8')) {
      if (character === '\u0003') throw new SlipwayError('ERR_ABORTED', 'interrupted');
      if (echo && (character === '\u007f' || character === '\b')) line = line.slice(0, -1);
      else line += character;
    }
  }
  const at = end();
  if (at < 0) return line;
  rest.set(stdin, line.slice(at + 1).replace(/^\n/, ''));
  return line.slice(0, at);
}

function needsTerminal(stdin: Terminal): void {
  if (stdin.isTTY) return;
  throw new SlipwayError(
    'ERR_USAGE',
    'a name and a password are needed, and there is no terminal to ask at',
    {
      hint: 'slipway login --username NAME --password-stdin REGISTRY < token-file',
    },
  );
}

/** @throws ERR_USAGE without a terminal */
export async function readWord(question: string, session: Asking): Promise<string> {
  const stdin = session.stdin as Terminal;
  needsTerminal(stdin);
  session.stderr.write(question);
  return (await readLine(stdin, undefined)).trim();
}

/** @param question undefined: all of standard input, less the newline at its end. @throws ERR_USAGE */
export async function readPassword(question: string | undefined, session: Asking): Promise<string> {
  const stdin = session.stdin as Terminal;
  if (question === undefined) {
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of stdin) {
      size += chunk.length;
      if (size > longest) throw new SlipwayError('ERR_USAGE', 'standard input is too long to be a password');
      chunks.push(chunk);
    }
    return Buffer.concat(chunks)
      .toString('utf8')
      .replace(/\r?\n$/, '');
  }
  needsTerminal(stdin);
  session.stderr.write(question);
  stdin.setRawMode?.(true);
  try {
    return await readLine(stdin, () => {});
  } finally {
    stdin.setRawMode?.(false);
    session.stderr.write('\n');
  }
}
