// Runs the command line of a case inside this process, as the program would.
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { dispatch } from '../../src/cli/dispatch.ts';
import { errorReport } from '../../src/cli/error-report.ts';
import { exitCodeOf } from '../../src/cli/exit-code.ts';
import type { OutputStream, Session } from '../../src/cli/session.ts';
import type { Bench } from './bench.ts';
import { createOutcome, type Outcome } from './outcome.ts';
import type { Probe } from './row.ts';

/** What comes of a case, held against nothing. */
export async function runProbe(probe: Probe, bench: Bench): Promise<Outcome> {
  const folder = bench.folder();
  const context = join(folder, 'context');
  mkdirSync(context);
  const fill = (text: string) => bench.fill(text, folder);
  if (probe.dockerfile !== undefined)
    writeFileSync(join(context, 'Dockerfile'), await fill(probe.dockerfile));
  for (const [path, content] of Object.entries(probe.files ?? {})) {
    const bytes = typeof content === 'function' ? content() : content;
    writeEntry(context, path, typeof bytes === 'string' ? await fill(bytes) : bytes);
  }
  const fillAll = (words: readonly string[]) => Promise.all(words.map(fill));
  const env: Record<string, string> = { PATH: process.env['PATH'] ?? '', SLIPWAY_ROOT: bench.root };
  for (const [name, value] of Object.entries(probe.env ?? {})) env[name] = await fill(value);
  for (const argv of probe.before ?? []) {
    const first = await runProgram(await fillAll(argv), { env, folder });
    if (first.code !== 0) throw new Error(`what goes before failed: ${first.stderr}`);
  }
  const argv = await fillAll(probe.argv ?? buildWords(probe, bench));
  const stdin = typeof probe.stdin === 'function' ? probe.stdin() : probe.stdin;
  return runProgram(argv, { env, folder, stdin });
}

function writeEntry(context: string, path: string, content: string | Buffer): void {
  const [name = '', target] = path.split(' -> ');
  const whole = join(context, name);
  mkdirSync(name.endsWith('/') ? whole : dirname(whole), { recursive: true });
  if (target !== undefined) symlinkSync(target, whole);
  else if (!name.endsWith('/')) writeFileSync(whole, content);
}

/** `slipway build` with `base` at hand. Results go where they can be looked at, if they are. */
function buildWords(probe: Probe, bench: Bench): string[] {
  const flags = [...(probe.flags ?? [])];
  const isLookedAt = probe.config !== undefined || probe.tree !== undefined || probe.see !== undefined;
  if (!flags.some((flag) => /^(-o|--output|--load|--push|--check|--call|-q|--quiet)/.test(flag))) {
    flags.push(isLookedAt ? '--output=type=oci,tar=false,dest={dir}/image' : '--output=type=cacheonly');
  }
  const base = `--build-context=base=oci-layout://${bench.base}:latest`;
  const usesBase = /\bbase\b/.test(probe.dockerfile ?? '');
  return ['build', ...(usesBase ? [base] : []), ...flags, probe.context ?? '{dir}/context'];
}

async function runProgram(
  argv: readonly string[],
  {
    env,
    folder,
    stdin = '',
  }: { env: Record<string, string>; folder: string; stdin?: string | Buffer | undefined },
): Promise<Outcome> {
  const stdout = collector();
  const stderr = collector();
  const session: Session = {
    stdin: Readable.from([Buffer.from(stdin)]),
    stdout: stdout.stream,
    stderr: stderr.stream,
    env,
    cwd: join(folder, 'context'),
    uid: process.getuid?.(),
    home: folder,
    now: Date.now,
    signal: new AbortController().signal,
    failure: { debug: false },
  };
  try {
    await dispatch(argv, session);
    const said = { code: session.failure.exitCode ?? 0, error: undefined };
    return createOutcome(folder, { ...said, stdout: stdout.bytes(), stderr: stderr.bytes().toString() });
  } catch (error) {
    const report = errorReport(error, session.failure);
    return createOutcome(folder, {
      code: session.failure.errorCode ?? exitCodeOf(error),
      error,
      stdout: stdout.bytes(),
      stderr: stderr.bytes().toString() + report,
    });
  }
}

function collector(): { stream: OutputStream; bytes(): Buffer } {
  const chunks: Buffer[] = [];
  const stream = new PassThrough();
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  return { stream, bytes: () => Buffer.concat(chunks) };
}
