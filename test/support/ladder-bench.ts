// The quickstart on one rung of the isolation ladder: what doctor finds in surroundings that give no more, and the layers of a build
// there. The test of the ladder and `npm run quickstart -- --every-rung` share it.
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RungAnswer } from '../../src/runtime/judge-ladder.ts';
import type { Rung } from '../../src/runtime/ladder.ts';
import { busyboxBase } from './busybox-base.ts';
import { slipway, top } from './cli.ts';
import { readOciImage } from './oci-image.ts';
import { type PoorMachineName, poorMachines } from './poor-machines.ts';
import type { CommandResult } from './run-command.ts';
import { tempDir } from './temp-dir.ts';

export interface LadderCase {
  /** For people. */
  surroundings: string;
  /** Undefined: root of this machine. */
  machine?: PoorMachineName;
  isolation?: 'oci' | 'sandbox' | 'rootless' | 'chroot';
  /** Undefined: no step runs there. */
  level: Rung | undefined;
}

const here = (isolation: NonNullable<LadderCase['isolation']>): LadderCase => ({
  surroundings: `root, --isolation=${isolation}`,
  ...{ isolation, level: isolation },
});
const there = (machine: PoorMachineName, level: Rung | undefined): LadderCase => ({
  surroundings: machine,
  ...{ machine, level },
});

/** The first is what the others are held to. */
export const ladderCases: readonly LadderCase[] = [
  here('sandbox'),
  here('oci'),
  here('rootless'),
  here('chroot'),
  there('privileged container', 'sandbox'),
  there('container with SYS_ADMIN', 'sandbox'),
  there('user', 'rootless'),
  there('root without SYS_ADMIN', 'rootless'),
  there('container without seccomp and masks', 'rootless'),
  there('user without subids', 'rootless-single'),
  there('user without new privileges', 'rootless-single'),
  there('container without seccomp and masks for a user', 'rootless-single'),
  there('container without seccomp for a user', 'rootless-single'),
  there('container', 'chroot'),
  there('container on overlay', 'chroot'),
  there('container without seccomp', 'chroot'),
  there('container for a user', undefined),
  there('restricted pod', undefined),
  there('user without namespaces', undefined),
];

/** More of owners, modes and links than the quickstart has. Links stay as they are: overlayfs parts those that a later step changes. */
const owned = `
FROM base
COPY --chown=12:34 style.css /s
RUN mkdir -m 2755 /d && echo a >/d/f && chown 33:44 /d/f && chmod 4711 /d/f && ln /d/f /d/g && ln -s f /d/l
RUN chown 1000:1000 /d && mv /s /d/s && rm /d/l
USER app
WORKDIR /home/app/w
RUN id -u >u && touch t
`;

/** Puts the quickstart, its base, the other Dockerfile, and what has both built at once, into a folder. */
async function place(folder: string): Promise<void> {
  const site = join(folder, 'site');
  cpSync(join(top, 'fixtures/quickstart'), site, { recursive: true });
  writeFileSync(join(site, 'Owned'), owned);
  await busyboxBase(join(folder, 'base'));
  const target = (name: string, dockerfile: string) => ({
    ...{ context: site, dockerfile, contexts: { base: `oci-layout://${join(folder, 'base')}:latest` } },
    output: [`type=oci,dest=${join(folder, name)}.tar,rewrite-timestamp=true`],
    args: { SOURCE_DATE_EPOCH: '1700000000' },
  });
  const targets = { site: target('site', 'Dockerfile'), owned: target('owned', 'Owned') };
  const group = { default: { targets: Object.keys(targets) } };
  writeFileSync(join(folder, 'bake.json'), JSON.stringify({ group, target: targets }));
}

async function layersIn(folder: string): Promise<string[]> {
  const images = await Promise.all(
    ['site', 'owned'].map((name) => readOciImage(join(folder, `${name}.tar`))),
  );
  return images.flatMap(({ config }) => config.rootfs.diff_ids);
}

export interface LadderRun {
  /** What doctor said with `--require`, as JSON; undefined where it was not asked. */
  doctor: { code: number; level: Rung | undefined; healthy: boolean; rungs: RungAnswer[] } | undefined;
  /** Of both builds. */
  built: CommandResult;
  seconds: number;
  /** diffIDs of both images; none where the build failed. */
  layers: string[];
  /** What ran the steps. */
  runtime: string | undefined;
}

const bakeWords = (folder: string, flags: readonly string[]): string[] => [
  ...['bake', '--progress=plain', `--file=${join(folder, 'bake.json')}`, '--allow=fs=*', ...flags],
];

function runtimeIn(state: string): string | undefined {
  for (const name of ['probes-subuid-v1.json', 'probes-single-v1.json', 'probes-v1.json']) {
    try {
      const { runtimes } = JSON.parse(readFileSync(join(state, name), 'utf8')) as {
        runtimes?: { name: string; works: boolean }[];
      };
      const found = runtimes?.find(({ works }) => works);
      if (found) return found.name;
    } catch {
      // Nothing was looked for there.
    }
  }
  return undefined;
}

/** @returns undefined where this machine can't make the surroundings */
export async function runOnLadder({
  machine: name,
  isolation,
  level,
}: LadderCase): Promise<LadderRun | undefined> {
  const required = level === undefined ? 'chroot' : level;
  const flags = [`--require=${required}`, ...(isolation ? [`--isolation=${isolation}`] : [])];
  if (name === undefined) {
    await using own = await tempDir();
    await place(own.path);
    const started = performance.now();
    const built = await slipway(bakeWords(own.path, flags), { root: own.file('state'), cwd: own.path });
    return {
      ...{ doctor: undefined, built, seconds: (performance.now() - started) / 1000 },
      layers: built.code === 0 ? await layersIn(own.path) : [],
      runtime: runtimeIn(own.file('state')),
    };
  }
  await using machine = await poorMachines[name]();
  if (machine === undefined) return undefined;
  await place(machine.shared);
  const asked = await machine.slipway(['doctor', '--json', ...flags]);
  if (asked.stderr !== '') throw new Error(`doctor: ${asked.stderr}`);
  const told = JSON.parse(asked.stdout) as {
    level: Rung | undefined;
    healthy: boolean;
    report: { rungs: RungAnswer[]; used?: { name: string } };
  };
  const started = performance.now();
  const built = await machine.slipway(bakeWords(machine.shared, flags));
  return {
    doctor: { code: asked.code, level: told.level, healthy: told.healthy, rungs: told.report.rungs },
    ...{ built, seconds: (performance.now() - started) / 1000 },
    layers: built.code === 0 ? await layersIn(machine.shared) : [],
    runtime: told.report.used?.name,
  };
}
