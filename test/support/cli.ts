// Runs the built command line in a process of its own. `npm run build` comes first.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import * as assert from 'uvu/assert';
import { type CommandOptions, type CommandResult, runCommand } from './run-command.ts';

export const top = resolve(import.meta.dirname, '../..');
const main = join(top, 'dist/cli/main.js');

export interface CliOptions extends CommandOptions {
  /** The state folder. */
  root: string;
}

function environment(options: CliOptions): Record<string, string | undefined> {
  if (!existsSync(main)) throw new Error('dist/cli/main.js is missing: run `npm run build` first');
  // What the person who runs the tests has set must not reach the builds.
  const cleared = {
    ...{ SOURCE_DATE_EPOCH: undefined, NODE_EXTRA_CA_CERTS: undefined, DOCKER_CONFIG: undefined },
    ...{ SLIPWAY_TRACE: undefined, TRACEPARENT: undefined, TRACESTATE: undefined },
    ...Object.fromEntries(
      Object.keys(process.env).flatMap((name) => (name.startsWith('OTEL_') ? [[name, undefined]] : [])),
    ),
  };
  return { ...cleared, SLIPWAY_ROOT: options.root, ...options.env };
}

/** Runs `slipway ARGS` to its end. */
export function slipway(args: readonly string[], options: CliOptions): Promise<CommandResult> {
  return runCommand([process.execPath, main, ...args], { ...options, env: environment(options) });
}

/** Starts `slipway ARGS`, for tests that end it themselves. */
export function startSlipway(args: readonly string[], options: CliOptions): ChildProcess {
  return spawn(process.execPath, [main, ...args], {
    cwd: options.cwd,
    env: { ...process.env, ...environment(options) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** A build that must succeed, with plain progress. */
export async function build(args: readonly string[], options: CliOptions): Promise<CommandResult> {
  const result = await slipway(['build', '--progress=plain', ...args], options);
  assert.is(
    result.code,
    0,
    `build ${args.join(' ')}: code ${result.code}\n${result.stdout}\n${result.stderr}`,
  );
  return result;
}

/** A build that must fail for a reason a user can mend: one clear error, no stack trace. */
export async function failingBuild(args: readonly string[], options: CliOptions): Promise<CommandResult> {
  const result = await slipway(['build', '--progress=plain', ...args], options);
  assert.is.not(result.code, 0, `build ${args.join(' ')} succeeded\n${result.stderr}`);
  assert.not.match(result.stderr, /\n\s+at .+:\d+:\d+/, 'there is a stack trace');
  assert.is(
    (result.stderr.match(/^error\b/gim) ?? []).length,
    1,
    `there is not exactly one error:\n${result.stderr}`,
  );
  return result;
}

/** The steps that plain progress says came from the cache: `[build 2/3] RUN make`. Bases are no steps. */
export function cachedNames(result: CommandResult): string[] {
  const names = new Map(
    [...result.stderr.matchAll(/^(#\d+) (\[.*)$/gm)].map((match) => [match[1], match[2] ?? '']),
  );
  return [...result.stderr.matchAll(/^(#\d+) CACHED/gm)]
    .map((match) => names.get(match[1]) ?? '')
    .filter((name) => !/^\[internal\]|\] FROM /.test(name));
}

export function cachedSteps(result: CommandResult): number {
  return cachedNames(result).length;
}
