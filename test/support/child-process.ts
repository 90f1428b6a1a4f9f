// Runs TypeScript programs of the tests in processes of their own.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const projectRoot = fileURLToPath(new URL('../..', import.meta.url));

/** How Node is called for a program below test/. */
export function nodeCommand(program: string, ...args: string[]): [string, ...string[]] {
  return [process.execPath, '--import', 'tsx', `test/${program}`, ...args];
}

export function start([command, ...args]: [string, ...string[]]): ChildProcess {
  return spawn(command, args, { cwd: projectRoot, stdio: ['ignore', 'pipe', 'inherit'] });
}

/** Kills the process with SIGKILL right after the nth line that it writes. */
export async function killAtLine(child: ChildProcess, nth: number): Promise<void> {
  let lines = 0;
  for await (const _ of createInterface({ input: child.stdout! })) {
    if (++lines === nth) child.kill('SIGKILL');
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

/** Waits for the first line. */
export async function firstLine(child: ChildProcess): Promise<string> {
  const [line] = await once(createInterface({ input: child.stdout! }), 'line');
  return line as string;
}

/** Runs to the end; the lines that were written. @throws where the exit code is not 0. */
export async function run(command: [string, ...string[]]): Promise<string[]> {
  const child = start(command);
  const lines: string[] = [];
  const exited = once(child, 'exit');
  for await (const line of createInterface({ input: child.stdout! })) lines.push(line);
  const [code] = await exited;
  if (code !== 0) throw new Error(`${command.join(' ')} exited with ${code}`);
  return lines;
}
