// Builds a Dockerfile of attempts, one step each, and tells which of them got anywhere.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { busyboxBase } from '../busybox-base.ts';
import { slipway } from '../cli.ts';
import type { TempDir } from '../temp-dir.ts';
import type { EscapeAttempt, Level } from './attempt.ts';
import { writeTools } from './tools.ts';
import { createWorld, type World } from './world.ts';

export interface Escape {
  name: string;
  /** What shows that it worked, from inside or from outside. */
  seen: string;
}

export interface EscapeBench extends AsyncDisposable {
  world: World;
  /** @throws where the build ends early. @param insecure steps are `--security=insecure`. */
  run(attempts: readonly EscapeAttempt[], options: EscapeRun): Promise<Escape[]>;
}

export interface EscapeRun {
  level: Level;
  insecure?: boolean;
  signal?: AbortSignal;
}

const isolation: Readonly<Record<Level, string>> = {
  ...{ sandbox: 'sandbox', unshare: 'sandbox', oci: 'oci', rootless: 'rootless', chroot: 'chroot' },
};

/** A step costs more than most attempts: those that ask for nothing of their own share one. */
const together = 16;

function stepsOf(attempts: readonly EscapeAttempt[]): EscapeAttempt[][] {
  const steps: EscapeAttempt[][] = [];
  let open: EscapeAttempt[] = [];
  for (const attempt of attempts) {
    const alone = [attempt.before, attempt.flags, attempt.alone].some((each) => each !== undefined);
    if (alone) {
      steps.push([attempt]);
      continue;
    }
    if (open.length % together === 0) {
      open = [];
      steps.push(open);
    }
    open.push(attempt);
  }
  return steps;
}

function dockerfileOf(attempts: readonly EscapeAttempt[], world: World, insecure: boolean): string {
  const fill = (text: string, name: string): string =>
    text
      .replaceAll('$HOST', world.variables['HOST']!)
      .replaceAll('$NAME', name)
      .replaceAll('$MARK', world.mark);
  const env = Object.entries(world.variables).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return [
    'FROM base AS tools',
    'COPY --from=toolbox / /',
    `RUN mkdir /tools && echo kept > /tools/kept && ln -s ${world.variables['HOST']}/secret /link && ln -s ${world.variables['HOST']} /tools/host`,
    'FROM tools',
    `ENV ${env.join(' ')} PATH=/bin:/usr/bin`,
    ...stepsOf(attempts).flatMap((step) => [
      ...step.flatMap(({ name, before = '' }) =>
        before === '' ? [] : [`ENV NAME=${name}`, fill(before, name)],
      ),
      `RUN ${step.map(({ name, flags = '' }) => fill(flags, name)).join(' ')} ${insecure ? '--security=insecure' : ''} <<'ATTEMPT'`,
      ...step.flatMap(({ name, script }) => [
        `export NAME=${name}; mkdir -p /attempts/${name}; cd /attempts/${name}`,
        `(\n${script}\n) 2> /dev/null`,
      ]),
      'true\nATTEMPT',
    ]),
    '',
  ].join('\n');
}

/** An archive of nodes: of the disk, and one that everybody may use. */
function writeNodes(folder: string, world: World): void {
  const nodes = join(folder, 'nodes');
  mkdirSync(nodes);
  const [major = '', minor = ''] = world.variables['DISK']!.split(' ');
  execFileSync('mknod', [join(nodes, 'disk'), 'b', major, minor]);
  execFileSync('mknod', [join(nodes, 'zero'), 'c', '1', '5']);
  execFileSync('tar', ['-C', nodes, '-cf', join(folder, 'context/nodes.tar'), 'disk', 'zero']);
}

export async function escapeBench(dir: TempDir, options: { noexec: boolean }): Promise<EscapeBench> {
  const [context, outside, state] = [dir.file('context'), dir.file('outside'), dir.file('state')];
  for (const folder of [context, outside, state]) mkdirSync(folder);
  // The launcher can't be started there, which leaves its stand-in.
  if (options.noexec)
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'noexec,size=512m,mode=700', 'state', state]);
  await writeTools(dir.file('toolbox'));
  const base = await busyboxBase(dir.file('base'));
  writeFileSync(join(context, 'file'), 'of the context\n');
  const world = await createWorld({ folder: outside, context, state });
  writeNodes(dir.path, world);
  world.begin();

  return {
    world,
    async run(attempts, { level, insecure = false }) {
      const file = dir.file('Dockerfile');
      writeFileSync(file, dockerfileOf(attempts, world, insecure));
      const flags = [base.flag, '--build-context', `toolbox=${dir.file('toolbox')}`, '-f', file];
      flags.push('--secret', `id=s,src=${outside}/secret`, `--isolation=${isolation[level]}`, '--no-cache');
      flags.push('--allow', 'security.insecure', '--progress=plain');
      const result = await slipway(['build', ...flags, context], { root: state, cwd: dir.path });
      const said = result.stdout + result.stderr;
      if (result.code !== 0) throw new Error(`the build of attempts ended with ${result.code}:\n${said}`);
      const inside = [...said.matchAll(/ ESCAPED: (\S+) (.*)$/gm)];
      return attempts.flatMap(({ name, copies, outside: look }) => {
        const counts = level !== 'chroot' || !copies;
        const words = inside.filter(([, who]) => who === name && counts).map(([, , what = '']) => what);
        const seen = [words.join(', '), look?.(world, name) ?? ''].filter(Boolean).join('; ');
        return seen === '' ? [] : [{ name, seen }];
      });
    },
    async [Symbol.asyncDispose]() {
      await world[Symbol.asyncDispose]();
      if (options.noexec) execFileSync('umount', [state]);
    },
  };
}
