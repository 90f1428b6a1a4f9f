// Launchers that wait: used again, gone with the builder, and done without where nothing may be started.
import { execFileSync, spawn } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseArguments } from '../../src/cli/arguments.ts';
import { buildFlags } from '../../src/cli/commands/build-flags.ts';
import { readBuildRequest } from '../../src/cli/commands/read-build-request.ts';
import { createEngine } from '../../src/engine.ts';
import { isSlipwayError } from '../../src/errors.ts';
import { createOciRuntime } from '../../src/runtime/oci-runtime.ts';
import { createSandboxRuntime } from '../../src/runtime/sandbox.ts';
import type { Runtime } from '../../src/seams.ts';
import { createTestSession } from '../support/cli-session.ts';
import { requireFeature } from '../support/require-feature.ts';
import { makeBase, makeStep, stepWorks, until } from '../support/step-bench.ts';

const test = suite('keeper');
const works = await stepWorks(createSandboxRuntime());
const runc = await stepWorks(createOciRuntime({ command: 'runc' }));
let folder = '';

test.before(() => {
  folder = mkdtempSync(join(tmpdir(), 'keeper-'));
  if (works) makeBase(folder);
});
test.after(() => rmSync(folder, { recursive: true }));

/** Processes of launchers whose parent is `parent`. */
function launchersOf(parent: number): string[] {
  return readdirSync('/proc').filter((name) => {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'latin1');
      return /^\d+$/.test(name) && stat.includes('(launcher)') && Number(stat.split(' ')[3]) === parent;
    } catch {
      return false;
    }
  });
}

async function run(runtime: Runtime, script: string, scratch?: string): Promise<string> {
  const { spec } = makeStep(folder, ['/bin/sh', '-c', script], scratch === undefined ? {} : { scratch });
  let text = '';
  const onOutput = (_: string, chunk: Buffer): void => {
    text += chunk;
  };
  await runtime.run(spec, { onOutput }, new AbortController().signal);
  return text;
}

test('steps that follow each other have one launcher, steps at once have one each', async () => {
  if (!requireFeature('sandbox', works)) return;
  const runtime = createSandboxRuntime();
  // Tests that ran in this process before may have left some, which serve as well.
  const before = launchersOf(process.pid).length;
  for (let time = 0; time < 3; time++) await run(runtime, 'true');
  assert.is(launchersOf(process.pid).length, Math.max(before, 1));
  const texts = await Promise.all(['a', 'b'].map((word) => run(runtime, `echo ${word}`)));
  assert.equal(texts, ['a\n', 'b\n']);
  assert.is(launchersOf(process.pid).length, Math.max(before, 2));
});

test('a launcher that somebody ended while it waited is done without', async () => {
  if (!requireFeature('sandbox', works)) return;
  const runtime = createSandboxRuntime();
  await Promise.all(['a', 'b', 'c'].map((word) => run(runtime, `echo ${word}`)));
  for (const pid of launchersOf(process.pid)) process.kill(Number(pid), 'SIGKILL');
  assert.is(await run(runtime, 'echo again'), 'again\n');
});

test('what one step sets is not there for the next', async () => {
  if (!requireFeature('sandbox', works)) return;
  const runtime = createSandboxRuntime();
  const { spec } = makeStep(folder, ['/bin/sh', '-c', 'umask 077; hostname gone; cd /srv'], {
    process: { uid: 5, gid: 5, env: ['PATH=/bin', 'A=1'] },
    ulimits: [{ name: 'nofile', soft: 50, hard: 50 }],
  });
  await runtime.run(spec, { onOutput() {} }, new AbortController().signal);
  const script = 'echo $(umask) $(hostname) $(pwd) $(id -u) $A; test $(ulimit -n) = 50 || echo free';
  assert.is(await run(runtime, script), '0022 buildkitsandbox / 0\nfree\n');
});

test('an idle launcher ends with its builder', async () => {
  if (!requireFeature('sandbox', works)) return;
  const script = new URL('../support/endless-step.ts', import.meta.url).pathname;
  const mark = `${process.pid}${Date.now()}`;
  const words = ['--import', 'tsx', script, 'sandbox', folder, mark];
  const builder = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise((resolve) => builder.stdout.once('data', resolve));
  const launchers = launchersOf(builder.pid!);
  assert.is(launchers.length, 1);
  builder.kill('SIGKILL');
  const gone = (name: string): boolean => {
    try {
      return !readFileSync(`/proc/${name}/stat`, 'latin1').includes('(launcher)');
    } catch {
      return true;
    }
  };
  await until(() => launchers.every(gone));
});

test('without the right to start programs the sandbox says so, and runc is started otherwise', async () => {
  if (!requireFeature('sandbox', works)) return;
  const scratch = join(folder, 'closed');
  mkdirSync(scratch);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'noexec', 'closed', scratch]);
  try {
    const source = `
      import { makeStep } from ${JSON.stringify(new URL('../support/step-bench.ts', import.meta.url).href)};
      import { createOciRuntime } from ${JSON.stringify(new URL('../../src/runtime/oci-runtime.ts', import.meta.url).href)};
      import { createSandboxRuntime } from ${JSON.stringify(new URL('../../src/runtime/sandbox.ts', import.meta.url).href)};
      const runtimes = { sandbox: () => createSandboxRuntime(), runc: () => createOciRuntime({ command: 'runc' }) };
      const { spec } = makeStep(process.argv[2], ['/bin/echo', 'ran'], { scratch: process.argv[3] });
      const onOutput = (_, chunk) => process.stdout.write(chunk);
      await runtimes[process.argv[1]]().run(spec, { onOutput }, new AbortController().signal)
        .catch((error) => console.log(error.code, error.hint));`;
    // In processes of their own: this one has launchers by now.
    const ask = (name: string): string =>
      execFileSync(
        process.execPath,
        ['--import', 'tsx', '--input-type=module', '-e', source, name, folder, scratch],
        { encoding: 'utf8' },
      );
    assert.match(ask('sandbox'), /^ERR_RUNTIME .*noexec/);
    if (runc) assert.is(ask('runc'), 'ran\n');
  } finally {
    execFileSync('umount', [scratch]);
  }
});

test('launchers that wait are ended when they are let go of, and a later step starts another', async () => {
  if (!requireFeature('sandbox', works)) return;
  const runtime = createSandboxRuntime();
  await Promise.all(['a', 'b'].map((word) => run(runtime, `echo ${word}`)));
  runtime.release!();
  await until(() => launchersOf(process.pid).length === 0);
  assert.is(await run(runtime, 'echo again'), 'again\n');
  // One that is at work is not ended.
  const busy = run(runtime, 'sleep 1; echo done');
  runtime.release!();
  assert.is(await busy, 'done\n');
});

test('the end of a build ends its launchers', async () => {
  if (!requireFeature('sandbox', works)) return;
  const context = join(folder, 'context');
  mkdirSync(context);
  writeFileSync(
    join(context, 'Dockerfile'),
    'FROM scratch\nCOPY busybox /bin/busybox\nRUN ["/bin/busybox", "true"]\nRUN ["/bin/busybox", "echo", "two"]\n',
  );
  copyFileSync(join(folder, 'l/1/bin/busybox'), join(context, 'busybox'));
  const engine = createEngine({
    ...{ root: join(folder, 'state'), isolation: 'sandbox', snapshotter: 'auto', parallelism: 1 },
    env: process.env,
  });
  const request = readBuildRequest(
    parseArguments(buildFlags, [context], 'slipway build'),
    createTestSession({ cwd: folder }),
  );
  const { signal } = new AbortController();
  const { steps } = await engine.build(request, { signal, onEvent() {} });
  assert.is(steps.ran, 3);
  await until(() => launchersOf(process.pid).length === 0);
});

test('an error while a step is put together leaves the launcher to others', async () => {
  if (!requireFeature('sandbox', works)) return;
  const runtime = createSandboxRuntime();
  await run(runtime, 'true');
  const before = launchersOf(process.pid).length;
  // Often: what the launcher still has to say of the step before comes sooner or later.
  for (let time = 0; time < 20; time++) {
    await run(runtime, 'true');
    const { spec } = makeStep(folder, ['/bin/echo', 'a\0b']);
    await runtime.run(spec, { onOutput() {} }, new AbortController().signal).then(
      () => assert.unreachable(),
      (error: unknown) => assert.ok(isSlipwayError(error) && error.code === 'ERR_RUNTIME'),
    );
    assert.is(await run(runtime, 'echo fine'), 'fine\n');
  }
  assert.is(launchersOf(process.pid).length, before);
});

test.run();
