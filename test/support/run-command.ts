// Runs a command of the machine to its end and keeps what it said.
import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

export interface CommandOptions {
  cwd?: string | undefined;
  /** Added to this process's own; undefined takes a name away. */
  env?: Record<string, string | undefined> | undefined;
  input?: string | Buffer | undefined;
  /** Killed after so long; 300 where not given. */
  seconds?: number | undefined;
}

export interface CommandResult {
  /** 128 + n where signal n ended it. */
  code: number;
  stdout: string;
  stdoutBytes: Buffer;
  stderr: string;
}

export async function runCommand(
  argv: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const [file = '', ...args] = argv;
  const child = spawn(file, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
    timeout: (options.seconds ?? 300) * 1000,
    killSignal: 'SIGKILL',
  });
  // A command that does not read its input closes it early.
  child.stdin.on('error', () => {});
  child.stdin.end(options.input ?? '');
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  const code = await new Promise<number>((done, fail) => {
    child.on('error', fail);
    child.on('close', (exit, signal) => done(exit ?? (signal === 'SIGKILL' ? 137 : 143)));
  });
  const bytes = Buffer.concat(stdout);
  return { code, stdout: bytes.toString(), stdoutBytes: bytes, stderr: Buffer.concat(stderr).toString() };
}

/** As runCommand, but a code other than 0 throws with all that was said. Returns stdout. */
export async function mustRun(argv: readonly string[], options: CommandOptions = {}): Promise<string> {
  const result = await runCommand(argv, options);
  if (result.code !== 0) {
    throw new Error(`${argv.join(' ')}: code ${result.code}\n${result.stdout}\n${result.stderr}`);
  }
  return result.stdout;
}

/** Where a program lies on PATH; undefined where it is not there. */
export function findProgram(name: string): string | undefined {
  const found = (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
  return found;
}
