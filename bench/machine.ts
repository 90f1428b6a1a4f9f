// What the machine is, for who reads the figures.
import { readFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { runCommand } from '../test/support/run-command.ts';
import type { MachineDescription } from './result.ts';

export async function describeMachine(workDir: string): Promise<MachineDescription> {
  const df = await runCommand(['df', '--output=source,fstype,size,avail', '-BG', workDir]);
  const system = /^PRETTY_NAME="(.*)"$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'Linux';
  const [source = '?', type = '?', size = '?', free = '?'] = (df.stdout.split('\n')[1] ?? '')
    .trim()
    .split(/\s+/);
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGB: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    ...{ system, node: process.version },
    disk: `${type} on ${source}, ${size} (${free} free)`,
  };
}
