// What every Runtime does, as one suite over an implementation.
import { spawn } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isSlipwayError } from '../../src/errors.ts';
import type { RootFilesystem, Runtime, StepMount, StepSpec } from '../../src/seams.ts';
import { requireFeature } from '../support/require-feature.ts';

const busybox = ['/bin/busybox', '/usr/bin/busybox'].find((path) => existsSync(path));
const applets =
  'sh cat ls id ps sleep mount true stat grep mkdir touch env pwd df tail awk wc head chroot mknod echo kill hostname'.split(
    ' ',
  );

/** A base of busybox, with a fresh upper for each step. */
function makeBase(folder: string): void {
  for (const name of ['bin', 'etc', 'tmp', 'work']) mkdirSync(join(folder, 'l/1', name), { recursive: true });
  mkdirSync(join(folder, 'l/2'));
  copyFileSync(busybox!, join(folder, 'l/1/bin/busybox'));
  for (const name of applets) symlinkSync('busybox', join(folder, 'l/1/bin', name));
  writeFileSync(join(folder, 'l/1/etc/passwd'), 'root:x:0:0::/root:/bin/sh\n');
  writeFileSync(join(folder, 'l/1/etc/not-run'), '#!/bin/sh\n', { mode: 0o644 });
  chmodSync(join(folder, 'l/1/tmp'), 0o1777);
  writeFileSync(join(folder, 'l/2/lower'), 'from the second layer\n');
}

interface Ran {
  exitCode: number;
  stdout: string;
  stderr: string;
  raw: Buffer;
  upper: string;
}

type StepOptions = Partial<Omit<StepSpec, 'process'>> & {
  process?: Partial<StepSpec['process']>;
  signal?: AbortSignal;
  onOutput?: (text: string) => void;
};

let steps = 0;

/** A step on the base in `folder`, without running it. */
export function makeStep(folder: string, argv: string[], options: StepOptions = {}) {
  const own = join(folder, `step ${process.pid} ${++steps}`);
  for (const name of ['upper', 'work', 'scratch']) mkdirSync(join(own, name), { recursive: true });
  const root: RootFilesystem = {
    ...{ type: 'overlay', base: join(folder, 'l'), lowers: ['1', '2'], options: ['metacopy=off'] },
    ...{ upper: join(own, 'upper'), work: join(own, 'work') },
  };
  const { process: given, signal: _, onOutput: __, ...rest } = options;
  const spec: StepSpec = {
    ...{ root, mounts: [], hostname: 'buildkitsandbox', network: 'default', security: 'sandbox' },
    ...{ shmSize: undefined, ulimits: [], scratch: join(own, 'scratch'), ...rest },
    process: { argv, env: ['PATH=/bin'], cwd: '/', uid: 0, gid: 0, groups: [], ...given },
  };
  return { spec, upper: join(own, 'upper') };
}

/** Ids of processes whose command line holds `text`. */
function processesOf(text: string): string[] {
  return readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) return false;
    try {
      return readFileSync(`/proc/${name}/cmdline`, 'latin1').includes(text);
    } catch {
      return false;
    }
  });
}

/** Ids of processes that see a mount whose line holds `text`. */
function mountsOf(text: string): string[] {
  return readdirSync('/proc').filter((name) => {
    try {
      return /^\d+$/.test(name) && readFileSync(`/proc/${name}/mountinfo`, 'latin1').includes(text);
    } catch {
      return false;
    }
  });
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

export interface RuntimeSubject {
  name: string;
  create: () => Runtime;
  works: boolean;
}

/** Queues the suite; where the runtime does not work here every test is skipped. */
export function runtimeContract(subject: RuntimeSubject): void {
  const test = suite(`${subject.name}: runtime`);
  let folder = '';
  const available = subject.works && busybox !== undefined;

  async function run(argv: string[], options: StepOptions = {}): Promise<Ran> {
    const { spec, upper } = makeStep(folder, argv, options);
    const chunks = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
    const onOutput = (stream: 'stdout' | 'stderr', chunk: Buffer): void => {
      chunks[stream].push(chunk);
      options.onOutput?.(chunk.toString());
    };
    const signal = options.signal ?? new AbortController().signal;
    const { exitCode } = await subject.create().run(spec, { onOutput }, signal);
    const raw = Buffer.concat(chunks.stdout);
    const stderr = Buffer.concat(chunks.stderr).toString();
    return { exitCode, stdout: raw.toString(), stderr, raw, upper };
  }
  const sh = (script: string, options: StepOptions = {}): Promise<Ran> =>
    run(['/bin/sh', '-c', script], options);
  const out = async (script: string, options: StepOptions = {}): Promise<string> =>
    (await sh(script, options)).stdout;

  function it(title: string, body: () => Promise<void>): void {
    test(title, async () => {
      if (requireFeature(subject.name, available)) await body();
    });
  }

  test.before(() => {
    folder = mkdtempSync(join(tmpdir(), 'runtime #'));
    if (available) makeBase(folder);
  });
  test.after(() => rmSync(folder, { recursive: true, force: true }));

  it('the code of the command is the code of the step', async () => {
    assert.is((await sh('exit 0')).exitCode, 0);
    assert.is((await sh('exit 7')).exitCode, 7);
    assert.is((await sh('exit 255')).exitCode, 255);
  });

  it('a command that dies of a signal gives 128 and its number', async () => {
    assert.is((await sh("sh -c 'kill -TERM $$; sleep 5'; exit $?")).exitCode, 143);
    // As process 1 it can't be killed from within; a fault that the kernel finds does end it.
    assert.is((await sh('ulimit -t 1; while :; do :; done')).exitCode, 137);
  });

  it('both streams come out byte for byte and apart', async () => {
    const ran = await sh("printf '\\000\\377\\376o'; printf e >&2; head -c 3000000 /dev/zero");
    assert.is(ran.raw.subarray(0, 4).toString('hex'), '00fffe6f');
    assert.is(ran.raw.length, 3000004);
    assert.is(ran.stderr, 'e');
  });

  it('/dev/stdout and /dev/stderr can be opened, by a plain user too', async () => {
    const script = 'echo o > /dev/stdout; echo e > /dev/stderr';
    for (const uid of [0, 1234]) {
      const ran = await sh(script, { process: { uid, gid: uid } });
      assert.equal([ran.stdout, ran.stderr, ran.exitCode], ['o\n', 'e\n', 0]);
    }
  });

  it('output that looks like the message of a runtime comes through', async () => {
    for (const name of ['runc run failed: ', 'unshare', 'unshare: x\n']) {
      const ran = await sh(
        `printf '${name.replace('\n', '\\n')}' >&2; exit ${name === 'unshare: x\n' ? 0 : 3}`,
      );
      if (name !== 'unshare: x\n') assert.is(ran.stderr, name);
    }
  });

  it('the environment is exactly what is given', async () => {
    process.env['BUILDERS_OWN'] = 'leak';
    const env = ['PATH=/bin', 'HOME=/', 'A=b  c\n"\'$x', 'LANG=xx', 'odd.name=1', 'E='];
    const ran = await run(['/bin/env'], { process: { env } });
    assert.is(ran.stdout, `${env.join('\n')}\n`);
  });

  it('variables of the dynamic loader reach the step and no program of the host', async () => {
    const env = ['PATH=/bin', 'HOME=/', 'LD_PRELOAD=/no/such.so', 'LD_LIBRARY_PATH=/x y', 'A=1'];
    const ran = await run(['env'], { process: { env } });
    assert.equal(ran.stdout.trim().split('\n').sort(), [...env].sort());
    assert.is(ran.stderr, '');
  });

  it('the step’s PATH leads to no program of the host', async () => {
    const path = join(folder, 'evil');
    mkdirSync(path, { recursive: true });
    const mark = join(folder, 'evil-ran');
    for (const name of ['unshare', 'env', 'setpriv', 'sh']) {
      writeFileSync(join(path, name), `#!/bin/sh\ntouch '${mark}'\n`, { mode: 0o755 });
    }
    const env = [`PATH=${path}:/bin`, 'HOME=/', 'ENV=/x', 'BASH_ENV=/x'];
    assert.is((await run(['pwd'], { process: { env } })).stdout, '/\n');
    assert.not.ok(existsSync(mark));
  });

  it('arguments are words as they stand', async () => {
    const argv = ['$HOME', '*', "it's", 'a"b', '', 'é\n', '--', '-x'];
    const ran = await run(['/bin/sh', '-c', 'for i in "$@"; do echo "<$i>"; done', 'sh', ...argv]);
    assert.is(ran.stdout, argv.map((word) => `<${word}>\n`).join(''));
  });

  it('a program is looked up in the PATH that is given', async () => {
    assert.is(
      (await run(['pwd'], { process: { env: ['PATH=/none:/bin'], cwd: '/work' } })).stdout,
      '/work\n',
    );
  });

  it('a program that is not there gives 127 and is named', async () => {
    for (const program of ['/opt/nothing here', 'nothing']) {
      const ran = await run([program, '--go']);
      assert.is(ran.exitCode, 127);
      assert.match(ran.stderr, program);
      assert.match(ran.stderr, /^exec: "[^"]*": .*not found|^exec: "[^"]*": no such/);
    }
  });

  it('a program that can not be run gives 126 and is named', async () => {
    const ran = await run(['/etc/not-run']);
    assert.is(ran.exitCode, 126);
    assert.is(ran.stderr, 'exec: "/etc/not-run": permission denied\n');
  });

  it('user, group and supplementary groups are those given', async () => {
    const ids = 'echo $(id -u) $(id -g) $(id -G)';
    assert.is(await out(ids), '0 0 0\n');
    const app = { uid: 1000, gid: 1001, groups: [1001, 2000] };
    assert.is(await out(ids, { process: app }), '1000 1001 1001 2000\n');
    assert.is(await out(ids, { process: { uid: 123456, gid: 654321 } }), '123456 654321 654321\n');
    assert.is(await out(ids, { process: { gid: 5, groups: [7] } }), '0 5 5 7\n');
  });

  it('root has the default capabilities, another user none, and no more can be gained', async () => {
    const caps = "grep -E '^Cap(Inh|Prm|Eff|Bnd|Amb)' /proc/self/status | awk '{printf \"%s \", $2}'";
    const all = '00000000a80425fb';
    const none = '0000000000000000';
    assert.is(await out(caps), `${none} ${all} ${all} ${all} ${none} `);
    const app = { uid: 1000, gid: 1000 };
    assert.is(await out(caps, { process: app }), `${none} ${none} ${none} ${all} ${none} `);
    const read = 'cat /proc/self/status';
    assert.match(await out(read), /NoNewPrivs:\s*0/);
  });

  it('/proc and /sys are the step’s own, confined and masked', async () => {
    const script = `awk '$2=="/proc"||$2=="/sys"{print $3}' /proc/mounts
      (echo 1 > /proc/sys/kernel/randomize_va_space) 2>/dev/null || echo ro
      mkdir /sys/fs/x 2>/dev/null || echo ro
      cat /proc/keys /proc/timer_list | wc -c; ls /sys/firmware | wc -l`;
    assert.equal(
      (await out(script)).split('\n').slice(0, 6).sort(),
      ['0', '0', 'proc', 'ro', 'ro', 'sysfs'].sort(),
    );
  });

  it('/dev holds the usual nodes and links, and they work', async () => {
    const script = `for d in null zero full random urandom tty ptmx; do test -c /dev/$d || echo no $d; done
      for d in fd stdin stdout stderr; do test -L /dev/$d || echo no $d; done
      for d in pts shm mqueue; do grep -q " /dev/$d " /proc/mounts || echo no $d; done
      echo x > /dev/null; wc -c < /dev/null; head -c 5 /dev/urandom | wc -c; touch /dev/mine /dev/shm/mine
      stat -c %a /dev/shm; ls /dev | grep -c -e vda -e sda -e kmsg -e mem`;
    assert.is(await out(script), '0\n5\n1777\n0\n');
  });

  it('a device that a step makes can not be opened', async () => {
    const script =
      'for d in /disk /dev/disk /tmp/t/disk; do mknod $d c 1 3; (: < $d) 2>/dev/null && echo open $d; done; echo done';
    const mounts: StepMount[] = [{ type: 'tmpfs', target: '/tmp/t', size: undefined }];
    assert.is(await out(script, { mounts }), 'done\n');
  });

  it('the root of the host can not be reached by chroot', async () => {
    const up = '../'.repeat(24);
    writeFileSync(join(folder, 'on-the-host'), '');
    const script = `echo in; cd /proc/1/root; chroot /proc /1/root/bin/busybox sh -c 'cd -P /1/root; cd -P ${up}; ls -d .${folder.replaceAll(/([ #])/g, '\\$1')}' 2>/dev/null`;
    assert.is(await out(script), 'in\n');
  });

  it('descriptors of the builder are not the step’s', async () => {
    const listing = await out('ls -l /proc/self/fd');
    const others = listing
      .split('\n')
      .filter(
        (line) =>
          line.includes('->') && !/ [012] -> /.test(line) && !/-> (\/dev\/null|\/proc\/\d+\/fd)$/.test(line),
      );
    assert.equal(others, []);
  });

  it('the input is empty', async () => {
    assert.is(await out('cat | wc -c'), '0\n');
  });

  it('the umask is 0022, for any user', async () => {
    assert.is(await out('umask'), '0022\n');
    assert.is(await out('umask', { process: { uid: 9, gid: 9 } }), '0022\n');
  });

  it('the host name is the step’s', async () => {
    assert.is(await out('hostname', { hostname: 'forge7' }), 'forge7\n');
    assert.is.not(readFileSync('/proc/sys/kernel/hostname', 'utf8'), 'forge7\n');
  });

  it('network none has the loopback alone, and it is up', async () => {
    const script = "tail -n +3 /proc/net/dev | awk '{print $1}'; cat /sys/class/net/lo/carrier";
    assert.is(await out(script, { network: 'none' }), 'lo:\n1\n');
  });

  it('the default network is the host’s', async () => {
    const [inside, outside] = [await sh('stat -Lc %i /proc/self/ns/net'), readlinkSync('/proc/self/ns/net')];
    assert.match(outside, inside.stdout.trim());
  });

  it('the command is process 1 and sees its own processes alone', async () => {
    assert.is(await out("echo $$; ls /proc | grep -c '^[0-9]'"), '1\n3\n');
  });

  it('a process in the background ends with the step and does not hold it up', async () => {
    const mark = `${process.pid}${Date.now()}`;
    assert.is(await out(`(sleep ${mark}; touch /late) & echo started`), 'started\n');
    assert.equal(processesOf(`sleep\0${mark}`), []);
  });

  it('what a step writes is in the upper, and lower layers show', async () => {
    const ran = await sh('cat /lower; echo new > /work/file; echo x >> /etc/passwd');
    assert.is(ran.stdout, 'from the second layer\n');
    assert.is(readFileSync(join(ran.upper, 'work/file'), 'utf8'), 'new\n');
    assert.equal(readdirSync(ran.upper).sort(), ['dev', 'etc', 'proc', 'sys', 'work']);
    for (const name of ['dev', 'proc', 'sys']) assert.equal(readdirSync(join(ran.upper, name)), []);
  });

  it('a directory serves as the root', async () => {
    const path = join(folder, 'l/1');
    assert.is(
      await out('ls /bin/sh; touch /work/written', { root: { type: 'directory', path } }),
      '/bin/sh\n',
    );
    assert.ok(existsSync(join(path, 'work/written')));
    for (const name of ['work/written', 'dev', 'proc', 'sys']) rmSync(join(path, name), { recursive: true });
  });

  it('a bind shows a folder or a file, read-only where asked', async () => {
    const host = join(folder, 'bound, here');
    mkdirSync(host, { recursive: true });
    writeFileSync(join(host, 'f'), 'bound\n');
    const mounts: StepMount[] = [
      { type: 'bind', source: host, target: '/a/new/folder', readonly: true },
      { type: 'bind', source: join(host, 'f'), target: '/etc/hosts', readonly: true },
      { type: 'bind', source: host, target: '/rw', readonly: false },
    ];
    const script =
      'cat /a/new/folder/f /etc/hosts; touch /a/new/folder/x /etc/hosts 2>/dev/null || echo ro; touch /rw/y';
    assert.is(await out(script, { mounts }), 'bound\nbound\nro\n');
    assert.equal(readdirSync(host).sort(), ['f', 'y']);
  });

  it('a tmpfs is empty, has its size, and keeps the mode of what it hides', async () => {
    const mounts: StepMount[] = [
      { type: 'tmpfs', target: '/etc', size: undefined },
      { type: 'tmpfs', target: '/tmp', size: 8 * 1024 * 1024 },
      { type: 'tmpfs', target: '/made', size: undefined },
    ];
    const script = `ls /etc | wc -l; touch /etc/mine; stat -c %a /etc /tmp; df -k /tmp | awk 'END{print $2}'; touch /made/x`;
    const ran = await sh(script, { mounts });
    assert.equal([ran.stdout, ran.stderr], ['0\n755\n1777\n8192\n', '']);
    assert.not.ok(existsSync(join(ran.upper, 'etc')));
  });

  it('a tree mount shows a part of another root; writes to it are dropped', async () => {
    const base = join(folder, 'other');
    for (const name of ['a/sub', 'b', 'up', 'wk']) mkdirSync(join(base, name), { recursive: true });
    writeFileSync(join(base, 'a/sub/f'), 'sub\n');
    writeFileSync(join(base, 'b/g'), 'b\n');
    const overlay = { type: 'overlay' as const, base, options: [] };
    const upper = { upper: join(base, 'up'), work: join(base, 'wk') };
    const lower = { upper: undefined, work: undefined };
    const one = { ...overlay, ...lower, lowers: ['a'] };
    const mounts: StepMount[] = [
      { type: 'tree', root: one, path: '/sub', target: '/one', readonly: true },
      { type: 'tree', root: { ...one, lowers: ['a', 'b'] }, path: '/', target: '/two', readonly: true },
      {
        type: 'tree',
        root: { ...one, ...upper, lowers: ['a'] },
        path: '/sub',
        target: '/rw',
        readonly: false,
      },
      { type: 'tree', root: { ...one, lowers: [] }, path: '/', target: '/none', readonly: true },
      { type: 'tree', root: one, path: '/sub/f', target: '/file', readonly: true },
    ];
    const script = `cat /one/f /two/g /file; touch /one/x 2>/dev/null || echo ro; echo changed > /rw/f; cat /rw/f; ls /none | wc -l`;
    assert.is(await out(script, { mounts }), 'sub\nb\nsub\nro\nchanged\n0\n');
    assert.is(readFileSync(join(base, 'a/sub/f'), 'utf8'), 'sub\n');
  });

  it('mounts lie one below another, in their order', async () => {
    const host = join(folder, 'outer');
    mkdirSync(join(host, 'd'), { recursive: true });
    writeFileSync(join(host, 'f'), 'inner\n');
    const mounts: StepMount[] = [
      { type: 'bind', source: host, target: '/m', readonly: false },
      { type: 'tmpfs', target: '/m/tmp', size: undefined },
      { type: 'bind', source: join(host, 'f'), target: '/m/tmp/deep/f', readonly: true },
      { type: 'tmpfs', target: '/dev/mine', size: undefined },
    ];
    const script =
      "cat /m/f /m/tmp/deep/f; touch /dev/mine/x; grep -c -e ' /m/tmp ' -e ' /dev/mine ' /proc/mounts";
    assert.is(await out(script, { mounts }), 'inner\ninner\n2\n');
  });

  it('a mount point over a link leads nowhere on the host', async () => {
    const host = join(folder, 'with-link');
    const victim = join(folder, 'victim');
    for (const path of [host, victim]) mkdirSync(path);
    symlinkSync(victim, join(host, 'link'));
    const mounts: StepMount[] = [
      { type: 'bind', source: host, target: '/m', readonly: false },
      { type: 'tmpfs', target: '/m/link/made', size: undefined },
    ];
    await sh('true', { mounts }).catch((error: unknown) => assert.ok(isSlipwayError(error)));
    assert.equal(readdirSync(victim), []);
  });

  it('a source that is not there is an error that names it', async () => {
    const mounts: StepMount[] = [
      { type: 'bind', source: join(folder, 'gone'), target: '/m', readonly: true },
    ];
    try {
      await sh('true', { mounts });
      assert.unreachable();
    } catch (error) {
      assert.ok(isSlipwayError(error), `${error}`);
      assert.is(error.code, 'ERR_RUNTIME');
      assert.match(error.message, 'gone');
    }
  });

  it('limits and the size of /dev/shm are those given', async () => {
    const ulimits = [{ name: 'nofile', soft: 321, hard: 654 }];
    assert.is(await out('echo $(ulimit -S -n) $(ulimit -H -n)', { ulimits }), '321 654\n');
    const size = "df -k /dev/shm | awk 'END{print $2}'";
    assert.is(await out(size), '65536\n');
    assert.is(await out(size, { shmSize: 96 * 1024 * 1024 }), '98304\n');
  });

  it('an insecure step may mount and write to /proc/sys', async () => {
    const script =
      'mount -t tmpfs x /work && echo mounted; echo 0 > /proc/sys/kernel/domainname && echo written';
    const ran = await sh(script, { security: 'insecure' });
    assert.is(ran.stdout, 'mounted\nwritten\n', ran.stderr);
    assert.is.not((await sh('mount -t tmpfs x /work')).exitCode, 0);
  });

  it('an abort ends every process of the step, and run rejects with the reason', async () => {
    const mark = `${process.pid}${Date.now()}`;
    const controller = new AbortController();
    const reason = new Error('enough');
    const script = `trap '' TERM INT; (sleep ${mark} > /dev/null 2>&1 &); (sleep ${mark} &); echo ready; sleep ${mark}`;
    const onOutput = (): void => controller.abort(reason);
    try {
      await sh(script, { signal: controller.signal, onOutput, process: { uid: 77, gid: 77 } });
      assert.unreachable();
    } catch (error) {
      assert.is(error, reason);
    }
    assert.equal(processesOf(`sleep\0${mark}`), []);
    assert.equal(mountsOf(folder.replaceAll(' ', '\\040')), []);
  });

  it('an abort during the start ends it', async () => {
    for (const delay of [0, 2, 5, 10, 20]) {
      const controller = new AbortController();
      const reason = new Error('early');
      const ran = sh('sleep 1000', { signal: controller.signal });
      setTimeout(() => controller.abort(reason), delay);
      await ran.then(
        () => assert.unreachable(),
        (error: unknown) => assert.is(error, reason),
      );
    }
    assert.equal(mountsOf(folder.replaceAll(' ', '\\040')), []);
    assert.throws(() => AbortSignal.abort(new Error('before')).throwIfAborted(), /before/);
  });

  it('nothing is left when the builder is killed', async () => {
    const mark = `${process.pid}${Date.now()}`;
    const script = fileURLToPath(new URL('../support/endless-step.ts', import.meta.url));
    for (const uid of ['0', '1000']) {
      const builder = spawn(process.execPath, ['--import', 'tsx', script, subject.name, folder, mark, uid], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const gone = new Promise((resolve) => builder.on('close', resolve));
      await new Promise((resolve) => builder.stdout.once('data', resolve));
      assert.ok(processesOf(`sleep\0${mark}`).length > 0);
      builder.kill('SIGKILL');
      await gone;
      await until(() => processesOf(`sleep\0${mark}`).length === 0);
      await until(() => mountsOf(folder.replaceAll(' ', '\\040')).length === 0);
    }
    const groups = existsSync('/sys/fs/cgroup') ? readdirSync('/sys/fs/cgroup', { recursive: true }) : [];
    assert.equal(
      groups.filter((name) => /\/step$/.test(`${name}`)),
      [],
    );
  });

  it('several steps run at once', async () => {
    const texts = await Promise.all(
      ['a', 'b', 'c'].map((name) => out(`echo ${name}; hostname`, { hostname: name })),
    );
    assert.equal(texts, ['a\na\n', 'b\nb\n', 'c\nc\n']);
  });

  test.run();
}
