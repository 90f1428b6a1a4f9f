// Times builds of the built command line: `npm run bench -- [--samples=N] [case]`. One JSON line a case, then a table.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const top = resolve(import.meta.dirname, '..');
const main = join(top, 'dist/cli/main.js');
const quickstart = join(top, 'fixtures/quickstart');

const words = process.argv.slice(2);
const samples = Number(words.find((word) => word.startsWith('--samples='))?.slice(10) ?? 5);
const wanted = words.filter((word) => !word.startsWith('--'));

const work = await mkdtemp(join(tmpdir(), 'slipway-bench-'));
const base = join(work, 'base');
let states = 0;
const freshState = (): string => join(work, `state-${states++}`);

function run(args: readonly string[], state: string): number {
  // Node reads these certificates at every start: that would be measured, too.
  const env = { ...process.env, SLIPWAY_ROOT: state, NODE_EXTRA_CA_CERTS: undefined };
  const start = performance.now();
  const { status, stderr } = spawnSync(process.execPath, [main, ...args], { env, encoding: 'utf8' });
  const ms = performance.now() - start;
  if (status !== 0) throw new Error(`slipway ${args.join(' ')}: code ${status}\n${stderr}`);
  return ms;
}

const quickstartArgs = (output: string): string[] => [
  ...['build', '--progress=plain', `--build-context=base=oci-layout://${base}:latest`],
  ...[`--output=${output}`, quickstart],
];
const toTar = `type=oci,dest=${join(work, 'out.tar')}`;
const warm = join(work, 'state-warm');

interface Case {
  name: string;
  what: string;
  /** One sample, in milliseconds. */
  sample(): number;
}

const cases: Case[] = [
  {
    name: 'version',
    what: 'slipway --version: what every command pays',
    sample: () => run(['--version'], warm),
  },
  {
    name: 'quickstart-cold',
    what: 'the quickstart from an empty state folder, into an OCI tar',
    sample: () => run(quickstartArgs(toTar), freshState()),
  },
  {
    name: 'quickstart-cached',
    what: 'the quickstart again, nothing changed, into the store',
    sample: () => run(quickstartArgs('type=image'), warm),
  },
  {
    name: 'quickstart-cached-tar',
    what: 'the quickstart again, nothing changed, into an OCI tar',
    sample: () => run(quickstartArgs(toTar), warm),
  },
];

function summary(times: number[]): { median: number; best: number; p95: number } {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { median: at(0.5), best: at(0), p95: at(0.95) };
}

if (!existsSync(main)) throw new Error('dist/cli/main.js is missing: run `npm run build` first');
const chosen = cases.filter(({ name }) => wanted.length === 0 || wanted.some((word) => name.includes(word)));
try {
  spawnSync(process.execPath, [join(quickstart, 'base.mjs'), base], { stdio: 'inherit' });
  run(quickstartArgs('type=image'), warm);
  run(quickstartArgs(toTar), warm);
  const times = new Map(chosen.map(({ name }) => [name, [] as number[]]));
  // Interleaved, so that whatever else the machine does falls on all cases alike. Nothing is deleted in between: creating
  // files is slower after deletions.
  for (let i = 0; i < samples; i++) for (const { name, sample } of chosen) times.get(name)?.push(sample());
  const rows = chosen.map(({ name, what }) => ({ name, what, samples, ...summary(times.get(name) ?? []) }));
  for (const row of rows) console.log(JSON.stringify(row));
  const cell = (ms: number): string => `${ms.toFixed(0)} ms`.padStart(9);
  console.log(`\n${'case'.padEnd(24)}${'median'.padStart(9)}${'best'.padStart(9)}${'p95'.padStart(9)}`);
  for (const row of rows)
    console.log(`${row.name.padEnd(24)}${cell(row.median)}${cell(row.best)}${cell(row.p95)}`);
} finally {
  await rm(work, { recursive: true, force: true });
}
