// Replays a made-up history of 60 commits with `slipway bench`, warm and cold, each with what --dry foretells of it, and compares the two.
// `npm run build && node --import tsx bench/replay-history.ts [FOLDER]`: reports lie in FOLDER, else in a temporary one.
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { ReplayResult } from '../src/index.ts';
import { busyboxBase } from '../test/support/busybox-base.ts';
import { slipway } from '../test/support/cli.ts';
import { startDockerRegistry } from '../test/support/docker-registry.ts';
import { makeNodeHistory } from '../test/support/node-history.ts';

const folder = process.argv[2]
  ? resolve(process.argv[2])
  : await mkdtemp(join(tmpdir(), 'slipway-replay-history-'));
const repository = join(folder, 'repository');
const base = await busyboxBase(join(folder, 'base'));
await makeNodeHistory(repository, { commits: 60, seed: 7 });
const registry = await startDockerRegistry();

async function replay(name: string, flags: readonly string[]): Promise<ReplayResult> {
  const out = join(folder, name);
  const common = [base.flag, '--commits=main', `--out=${out}`, ...flags, repository];
  const result = await slipway(['bench', ...common], {
    root: join(folder, 'state'),
    cwd: folder,
    seconds: 3600,
  });
  if (result.code !== 0) throw new Error(result.stderr);
  process.stdout.write(`${name}\n${result.stdout}\n`);
  return JSON.parse(await readFile(join(out, 'replay.json'), 'utf8')) as ReplayResult;
}

const stepsOf = ({ variants }: ReplayResult): string[] =>
  variants.flatMap(({ name, builds }) =>
    builds.flatMap(({ steps }, build) =>
      steps.map((step) => `${name} ${build} ${step.name} ${step.outcome}`),
    ),
  );

try {
  const runners = {
    warm: [`--variant=${join(repository, 'all-first.Dockerfile')}`],
    cold: ['--runner=cold', `--cache=registry=${registry.host}/app:cache`],
  };
  for (const [name, flags] of Object.entries(runners)) {
    const real = stepsOf(await replay(name, flags));
    // Without what steps came to, a COPY --from of what came out the same is foretold as a miss.
    const times = `--times=${join(folder, name, 'replay.json')}`;
    const foretold = stepsOf(await replay(`${name}-dry`, [...flags, '--dry', times]));
    const wrong = real.filter((line, at) => line !== foretold[at]);
    process.stdout.write(`${name}: ${real.length} steps, ${wrong.length} foretold wrongly\n\n`);
    if (wrong.length > 0) process.exitCode = 1;
  }
} finally {
  await registry.stop();
}
