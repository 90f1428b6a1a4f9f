// `slipway run` end to end: the streams, codes and files of a command in an image, and nothing left of it.
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { haveBusybox } from '../support/busybox-base.ts';
import { startSlipway } from '../support/cli.ts';
import { requireFeature } from '../support/require-feature.ts';
import { findProgram } from '../support/run-command.ts';
import { mountsOf, processesOf, until } from '../support/step-bench.ts';
import { type Workbench, workbench } from '../support/workbench.ts';

const test = suite('e2e/run-image');
let bench: Workbench;
let image: string;

function it(title: string, body: () => Promise<void>): void {
  test(title, async () => {
    const root = process.getuid?.() === 0;
    if (requireFeature('busybox-static', haveBusybox) && requireFeature('root', root)) await body();
  });
}

async function run(words: string[], options: { input?: string; env?: Record<string, string> } = {}) {
  const { code, stdout, stderr } = await bench.slipway(['run', ...words], options);
  return { code, stdout, stderr };
}

/** Folders of runs that the state still has. */
const leftovers = (): string[] =>
  [
    'tmp',
    ...['overlay', 'erofs', 'copy'].flatMap((kind) => [
      `snapshots-v2/${kind}/active`,
      `snapshots-v2/${kind}/trash`,
    ]),
  ].flatMap((name) => {
    try {
      return readdirSync(join(bench.root, name)).map((each) => join(name, each));
    } catch {
      return [];
    }
  });

test.before(async () => {
  bench = await workbench({
    Dockerfile: [
      'FROM base',
      'RUN mkdir /data && echo kept > /data/f && chown 1000:1000 /data',
      'ENV GREETING=hello NAME=image',
      'USER app',
      'WORKDIR /data',
      'VOLUME /data',
      'ENTRYPOINT ["/bin/sh", "-c"]',
      'CMD ["echo $GREETING $NAME $HOME $HOSTNAME from $(pwd) as $(id -un)"]',
    ].join('\n'),
  });
  image = `oci-layout://${bench.base.path}:latest`;
});
test.after(async () => {
  await bench[Symbol.asyncDispose]();
});

it('an image of the local store runs with its config', async () => {
  await bench.build(['-t', 'app:1']);
  const ran = await run(['--hostname', 'web', '--pull=never', 'app:1']);
  assert.equal(ran, { code: 0, stdout: 'hello image /home/app web from /data as app\n', stderr: '' });
  const other = await run(['-e', 'NAME=me', '-u', '0', '-w', '/new', 'app:1', 'echo $NAME $(pwd) $(id -u)']);
  assert.is(other.stdout, 'me /new 0\n');
  const bare = await run(['--entrypoint', 'id', 'docker-image://app:1', '-u']);
  assert.is(bare.stdout, '1000\n');
});

it('streams and exit code are the command’s own', async () => {
  const script = 'cat; echo err >&2; exit 9';
  assert.equal(await run(['-i', image, 'sh', '-c', script], { input: 'in\0put' }), {
    ...{ code: 9, stdout: 'in\0put', stderr: 'err\n' },
  });
  assert.is((await run([image, 'sh', '-c', script], { input: 'unseen' })).stdout, '');
  assert.is((await run([image, 'sh', '-c', 'sh -c "kill -TERM \\$\\$"; exit $?'])).code, 143);
});

it('a command that is not there gives 127, one that can not run 126, and slipway’s own failures 125', async () => {
  const missing = await run([image, 'nothing']);
  assert.equal([missing.code, missing.stdout], [127, '']);
  assert.match(missing.stderr, 'nothing');
  assert.is((await run([image, '/etc/passwd'])).code, 126);
  const own = [
    ['--entrypoint', '', image],
    ['--bad', image],
    ['--pull=never', 'gone:1'],
    ['-u', 'who', image, 'id'],
  ];
  own.push(['oci-archive:x.tar'], ['-v', './gone:/x', image, 'ls'], ['-w', 'rel', image, 'ls']);
  for (const words of own) {
    const failed = await run(words);
    assert.is(failed.code, 125, words.join(' '));
    assert.match(failed.stderr, /^ERROR: [^\n]+\n/);
    assert.not.match(failed.stderr, '    at ');
  }
});

it('volumes show folders and files of the machine', async () => {
  await mkdir(bench.file('shared/deep'), { recursive: true });
  await writeFile(bench.file('shared/f'), 'host\n');
  const script = 'cat /a/f /f; touch /a/x /a/in/y; touch /ro/z 2>/dev/null || echo ro; ls /a';
  const words = ['-v', '/dev/null:/a/null', '-v', `${bench.file('shared/deep')}:/a/in`, '-v', './shared:/a'];
  words.push('-v', './shared/f:/f:ro', '-v', './shared:/ro:ro');
  await mkdir(bench.file('shared/in'));
  await writeFile(bench.file('shared/null'), '');
  const ran = await run([...words, image, 'sh', '-c', script]);
  assert.equal([ran.stdout, ran.stderr], ['host\nhost\nro\ndeep\nf\nin\nnull\nx\n', '']);
  assert.equal(readdirSync(bench.file('shared/deep')), ['y']);
});

it('what is written to the image is gone with the command', async () => {
  const script = 'ls /x /home/x 2>/dev/null; touch /x /home/x && echo wrote';
  for (let time = 0; time < 2; time++) assert.is((await run([image, 'sh', '-c', script])).stdout, 'wrote\n');
  const copy = ['--snapshotter', 'copy', image, 'sh', '-c', script];
  for (let time = 0; time < 2; time++) assert.is((await run(copy)).stdout, 'wrote\n');
  assert.equal(leftovers(), []);
});

it('a read-only image can be written to where volumes are', async () => {
  const script = 'touch /x /etc/x 2>/dev/null || echo ro; cat /data/f; touch /data/y /t/z && echo rw';
  const hasRunc = requireFeature('runc', findProgram('runc') !== undefined);
  for (const isolation of hasRunc ? ['oci', 'sandbox'] : ['sandbox']) {
    const flags = ['--isolation', isolation, '--read-only', '--tmpfs', '/t:size=1m'];
    assert.is((await run([...flags, 'app:1', script])).stdout, 'ro\nkept\nrw\n', isolation);
  }
});

it('names, limits and the network are those asked for', async () => {
  const flags = ['--network', 'none', '--add-host', 'db:192.0.2.7', '--ulimit', 'nofile=99', '--shm-size=8m'];
  const script =
    "hostname; grep -c 192.0.2.7 /etc/hosts; ulimit -n; df -k /dev/shm | awk 'END{print $2}'; tail -n +3 /proc/net/dev | wc -l";
  assert.is((await run([...flags, image, 'sh', '-c', script])).stdout, 'slipway\n1\n99\n8192\n1\n');
  const [host, name] = ['/proc/self/ns/net', readFileSync('/proc/sys/kernel/hostname', 'utf8')];
  const shared = await run([image, 'sh', '-c', `stat -Lc %i ${host}; hostname`]);
  assert.match(shared.stdout, new RegExp(`^\\d+\\n${name}`));
});

it('a signal reaches the command', async () => {
  const script = 'trap "echo caught; exit 5" TERM; echo up; while :; do sleep 0.05; done';
  const child = startSlipway(['run', image, 'sh', '-c', script], { root: bench.root });
  let out = '';
  child.stdout!.on('data', (chunk) => {
    out += chunk;
    if (out === 'up\n') child.kill('SIGTERM');
  });
  assert.equal(await once(child, 'close'), [5, null]);
  assert.is(out, 'up\ncaught\n');
});

it('nothing is left when slipway is killed, or asked thrice to end', async () => {
  for (const signals of [['SIGKILL'], ['SIGINT', 'SIGHUP', 'SIGTERM']] as const) {
    const mark = `${process.pid}${Date.now()}`;
    const script = `trap '' INT HUP TERM; echo up; sleep ${mark}`;
    const child = startSlipway(['run', image, 'sh', '-c', script], { root: bench.root });
    await once(child.stdout!, 'data');
    // The shell says so before its sleep is there.
    await until(() => processesOf(`sleep\0${mark}`).length > 0);
    const closed = once(child, 'close');
    for (const signal of signals) child.kill(signal);
    await closed;
    await until(() => processesOf(`sleep\0${mark}`).length === 0);
    await until(() => mountsOf(bench.root).length === 0);
  }
  assert.is((await run([image, 'true'])).code, 0);
  assert.equal(leftovers(), []);
});

test.run();
