// Runs `slipway lsp`: the language server over standard input and output. Nothing else may write there.
import { Readable, type Writable } from 'node:stream';
import { SlipwayError } from '../../errors.ts';
import { openLinter, openLintTools } from '../../index.ts';
import { serve } from '../../lsp/serve.ts';
import { parseArguments } from '../arguments.ts';
import type { Session } from '../session.ts';
import { lspFlags } from './lsp-flags.ts';
import { createLintHost } from './lsp-host.ts';
import { packageVersion } from './version.ts';

/** @throws ERR_USAGE, ERR_UNSUPPORTED where the protocol's library is not installed */
export async function runLsp(argv: readonly string[], session: Session): Promise<void> {
  const { texts, booleans, positionals } = parseArguments(lspFlags, argv, 'slipway lsp');
  if (positionals.length > 0) {
    throw new SlipwayError('ERR_USAGE', `slipway lsp takes no ${JSON.stringify(positionals[0])}`, {
      hint: 'editors name the files; slipway lint FILE lints one',
    });
  }
  const [linter, tools] = await Promise.all([openLinter(), openLintTools()]);
  const { stdin } = session;
  if ('isTTY' in stdin && stdin.isTTY) {
    session.stderr.write('slipway lsp waits for an editor; slipway lsp --help says how to set one up\n');
  }
  session.failure.exitCode = await serve({
    input: stdin instanceof Readable ? stdin : Readable.from(stdin),
    output: session.stdout as Writable,
    host: createLintHost({ ...session, stdin }, { linter, tools, texts, booleans }),
    version: packageVersion(),
    parent: readProcessId(texts.clientProcessId),
    signal: session.signal,
  });
}

function readProcessId(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^[1-9]\d{0,9}$/.test(text)) return Number(text);
  throw new SlipwayError('ERR_USAGE', `--clientProcessId has ${JSON.stringify(text)}`, {
    hint: 'the number of a process',
  });
}
