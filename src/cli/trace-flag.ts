// The flag of every command that asks for a trace: found before the command reads its own.
import { resolve } from 'node:path';
import { SlipwayError } from '../errors.ts';
import type { Flag } from './arguments.ts';
import { takesNext } from './leading-flags.ts';
import type { Command, Session } from './session.ts';

const traceFlag: Flag = {
  name: 'trace',
  type: 'text',
  value: 'FILE',
  group: 'This machine',
  help: 'write where the time goes, for chrome://tracing, Perfetto or speedscope; see docs/tracing.md',
};

/** A command as its help shows it. */
export const withTraceFlag = (command: Command): Command => ({
  ...command,
  flags: [...command.flags, traceFlag],
});

/** The words of a command without the flag, and its value; the last one counts. @throws ERR_USAGE where it has none */
export function takeTraceFlag(
  { flags, passesOn }: Pick<Command, 'flags' | 'passesOn'>,
  argv: readonly string[],
): { argv: readonly string[]; file: string | undefined } {
  if (!argv.some((word) => word.startsWith('--trace'))) return { argv, file: undefined };
  const words: string[] = [];
  let file: string | undefined;
  for (let at = 0; at < argv.length; ) {
    const word = argv[at]!;
    if (word === '--' || (passesOn && (word === '-' || !word.startsWith('-')))) {
      words.push(...argv.slice(at));
      break;
    }
    const isLone = word === '--trace';
    if (isLone || word.startsWith('--trace=')) {
      file = isLone ? argv[at + 1] : word.slice('--trace='.length);
      if (!file) throw missingValue();
      at += isLone ? 2 : 1;
      continue;
    }
    const count = takesNext(flags, word) ? 2 : 1;
    words.push(...argv.slice(at, at + count));
    at += count;
  }
  return { argv: words, file };
}

const missingValue = (): SlipwayError =>
  new SlipwayError('ERR_USAGE', '--trace needs a value', { hint: '--trace=build.trace.json' });

/** Commands whose work is sent to OpenTelemetry; others end sooner than its packages are loaded. */
const sent: ReadonlySet<string> = new Set([
  ...['build', 'bake', 'run', 'lock', 'pull', 'push', 'copy', 'save', 'load', 'import', 'export'],
  ...['manifest', 'imagetools', 'prune'],
]);
const sending = ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'OTEL_TRACES_EXPORTER'];

/** Whether one may be written: by the flag, or what is said in the environment. */
export const asksForTrace = (argv: readonly string[], { env }: Pick<Session, 'env'>): boolean =>
  argv.some((word) => word.startsWith('--trace')) ||
  ['SLIPWAY_TRACE', ...sending].some((variable) => env[variable]);

/** Starts a trace where the flag or the environment asks for one. @throws ERR_USAGE */
export async function traceCommand(name: string, file: string | undefined, session: Session): Promise<void> {
  const { env, cwd, stderr } = session;
  const path = file ?? (env['SLIPWAY_TRACE'] || undefined);
  const isSent = sent.has(name) && sending.some((variable) => env[variable]);
  if (path === undefined && !isSent) return;
  const [{ startTracing }, { packageVersion }] = await Promise.all([
    import('../tracing/start-tracing.ts'),
    import('./commands/version.ts'),
  ]);
  await startTracing({
    file: path === undefined ? undefined : resolve(cwd, path),
    command: name,
    version: packageVersion(),
    env: isSent ? env : undefined,
    warn: (message, hint) =>
      void stderr.write(`warning: ${message}\n${hint === undefined ? '' : `hint: ${hint}\n`}`),
  });
}
