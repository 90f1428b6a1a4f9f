import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { createChrootRuntime } from '../../src/runtime/chroot.ts';
import type { StepMount } from '../../src/seams.ts';
import { rejects } from '../support/rejects.ts';
import { benchSuite, makeStep, processesOf, type StepOptions, stepWorks } from '../support/step-bench.ts';

const works = await stepWorks(createChrootRuntime(), { whole: true });
const never = new AbortController().signal;

benchSuite({ name: 'chroot', create: () => createChrootRuntime(), works, whole: true }, (bench) => {
  const { sh, it, folder } = bench;

  /** A step whose root is laid out before it runs. */
  async function runIn(
    script: string,
    layOut: (root: string, scratch: string) => StepMount[],
    options: StepOptions = {},
  ): Promise<{ root: string; stdout: string; exitCode: number }> {
    const { spec, upper } = makeStep(folder(), ['/bin/sh', '-c', script], { whole: true, ...options });
    const mounts = layOut(upper, spec.scratch);
    let stdout = '';
    const onOutput = (_: string, chunk: Buffer): void => {
      stdout += chunk;
    };
    const { exitCode } = await createChrootRuntime().run({ ...spec, mounts }, { onOutput }, never);
    return { root: upper, stdout, exitCode };
  }

  const source = (name: string, files: Record<string, string>): string => {
    const path = join(folder(), name);
    mkdirSync(path, { recursive: true });
    for (const [file, text] of Object.entries(files)) writeFileSync(join(path, file), text);
    return path;
  };

  it('/dev has nodes that work, /proc and /sys are empty, and of all three only empty folders stay', async () => {
    const script = `for node in null zero full random urandom tty; do [ -c /dev/$node ] || echo "no $node"; done
      head -c 2 /dev/zero | wc -c; echo lost > /dev/null; wc -c < /dev/null; ls /proc /sys; stat -c %a /dev/shm
      echo x > /dev/stdout; touch /dev/left /sys/left`;
    const ran = await sh(script);
    assert.is(ran.stdout, '2\n0\n/proc:\n\n/sys:\n1777\n');
    assert.match(ran.stderr, '/dev/stdout');
    for (const name of ['dev', 'proc', 'sys']) assert.equal(readdirSync(join(ran.upper, name)), []);
  });

  it('root can make no device, change its root no further, and signal nobody else', async () => {
    const script = `mknod /b b 8 0; chroot / /bin/true; kill -9 -1; kill -9 ${process.pid} 2> /dev/null; echo alive`;
    const ran = await sh(script);
    assert.is(ran.stdout, 'alive\n');
    for (const word of ['mknod', 'chroot', 'kill']) assert.match(ran.stderr, word);
    assert.is(existsSync(join(ran.upper, 'b')), false);
  });

  it('a step that signals its own group ends itself alone', async () => {
    const ran = await sh(`(sleep 1000 &); trap 'echo term' TERM; kill -TERM 0; kill -9 0; echo never`);
    assert.equal([ran.exitCode, ran.stdout], [137, 'term\n'], ran.stderr);
  });

  it('files and descriptors end where they are limited', async () => {
    const ulimits = [
      { name: 'fsize', soft: 1 << 20, hard: 1 << 20 },
      { name: 'nofile', soft: 16, hard: 16 },
    ];
    const script = `(head -c 3000000 /dev/zero > big) 2> /dev/null; stat -c %s big
      (ulimit -n 64) 2> /dev/null || echo hard; ulimit -n`;
    const ran = await sh(script, { ulimits });
    assert.is(ran.stdout, `${1 << 20}\nhard\n16\n`, ran.stderr);
  });

  it('what left its session and ignores signals ends with the step, whoever its user is', async () => {
    const mark = `${process.pid}${Date.now()}`;
    const daemon = `(busybox setsid sh -c "trap '' TERM HUP INT QUIT; (sleep ${mark} &) ; echo up > /tmp/up; sleep ${mark}" < /dev/null > /dev/null 2>&1 &)`;
    for (const uid of [0, 1000]) {
      const script = `${daemon}; until [ -e /tmp/up ]; do :; done; exit 3`;
      const ran = await sh(script, { process: { uid, gid: uid } });
      assert.is(ran.exitCode, 3, ran.stderr);
      assert.equal(processesOf(`sleep\0${mark}`), []);
    }
  });

  it('what is mounted is there for the step, and what it hides is as before afterwards', async () => {
    const shown = source('shown', { file: 'shown\n' });
    const kept = source('kept', { file: 'kept\n' });
    const ran = await runIn(
      'cat /srv/a/file /srv/k/file /srv/new/file /etc/hosts; ls -a /srv/t | wc -l; for d in a k t; do echo more > /srv/$d/more; done; echo x >> /etc/hosts; echo own > /srv/own',
      (root, scratch) => {
        for (const name of ['a', 'k', 't']) {
          mkdirSync(join(root, 'srv', name));
          writeFileSync(join(root, 'srv', name, 'hidden'), name);
        }
        writeFileSync(join(root, 'etc/hosts'), 'image\n');
        for (const name of ['srv/a', 'etc']) utimesSync(join(root, name), 5, 5);
        const own = join(scratch, 'own');
        mkdirSync(own);
        writeFileSync(join(own, 'file'), 'own\n');
        writeFileSync(join(folder(), 'hosts'), 'hosts\n');
        return [
          { type: 'bind', source: join(folder(), 'hosts'), target: '/etc/hosts', readonly: true },
          { type: 'bind', source: shown, target: '/srv/a', readonly: true },
          { type: 'bind', source: kept, target: '/srv/k', readonly: false, movable: true },
          { type: 'bind', source: own, target: '/srv/new', readonly: false },
          { type: 'tmpfs', target: '/srv/t', size: undefined },
        ];
      },
    );
    assert.is(ran.stdout, 'shown\nkept\nown\nhosts\n2\n');
    assert.is(ran.exitCode, 0);
    for (const name of ['a', 'k', 't']) assert.equal(readdirSync(join(ran.root, 'srv', name)), ['hidden']);
    assert.equal(readdirSync(join(ran.root, 'srv/new')), []);
    assert.is(readFileSync(join(ran.root, 'etc/hosts'), 'utf8'), 'image\n');
    for (const name of ['srv/a', 'etc']) assert.is(lstatSync(join(ran.root, name)).mtimeMs, 5000);
    assert.is(readFileSync(join(ran.root, 'srv/own'), 'utf8'), 'own\n');
    assert.equal(readdirSync(shown), ['file']);
    assert.equal(readdirSync(kept).sort(), ['file', 'more']);
    assert.equal(
      readdirSync(folder()).filter((name) => /^kept\./.test(name)),
      [],
    );
  });

  it('a folder that the step deletes or replaces comes back as what it made of it', async () => {
    const mount = (name: string, files: Record<string, string>): StepMount[] => [
      { type: 'bind', source: source(name, files), target: '/srv/k', readonly: false, movable: true },
    ];
    await runIn('rm -rf /srv/k', () => mount('deleted', { file: 'gone' }));
    assert.equal(readdirSync(join(folder(), 'deleted')), []);
    await runIn('rm -rf /srv/k; mkdir /srv/k; echo > /srv/k/new', () => mount('replaced', { file: 'gone' }));
    assert.equal(readdirSync(join(folder(), 'replaced')), ['new']);
    const ran = await runIn('rm -rf /srv', () => mount('parent', { file: 'gone' }));
    assert.equal(readdirSync(join(folder(), 'parent')), []);
    assert.is(existsSync(join(ran.root, 'srv')), false);
  });

  it('the same folder at two places is one', async () => {
    const both = source('both', { file: 'one\n' });
    const ran = await runIn('echo two > /srv/2/file; cat /srv/1/file', () =>
      ['/srv/1', '/srv/2'].map((target) => ({
        ...{ type: 'bind', source: both, target, readonly: false, movable: true },
      })),
    );
    assert.is(ran.stdout, 'two\n');
    assert.is(readFileSync(join(both, 'file'), 'utf8'), 'two\n');
  });

  it('no link of the root is followed out of it, before the step or after it', async () => {
    const outside = source('outside', { hosts: 'of the machine\n' });
    const hosts: StepMount = {
      type: 'bind',
      source: join(outside, 'hosts'),
      target: '/etc/hosts',
      readonly: true,
    };
    const linked = runIn('true', (root) => {
      rmSync(join(root, 'etc'), { recursive: true });
      symlinkSync(outside, join(root, 'etc'));
      return [hosts];
    });
    await rejects(linked, 'ERR_RUNTIME', /leads over a symbolic link/);
    const swap = `mv /etc /moved; ln -s ${outside} /etc; mv /dev /dev2; ln -s ${outside} /dev`;
    const ran = await runIn(swap, (root) => {
      writeFileSync(join(root, 'etc/hosts'), 'image\n');
      return [hosts];
    });
    assert.equal(readdirSync(outside), ['hosts']);
    assert.is(readFileSync(join(outside, 'hosts'), 'utf8'), 'of the machine\n');
    assert.is(readFileSync(join(ran.root, 'moved/hosts'), 'utf8'), 'image\n');
  });

  it('what would be a promise is refused', async () => {
    const writable: StepMount = { type: 'bind', source: folder(), target: '/m', readonly: false };
    const overlay: StepMount = {
      ...{ type: 'tree', path: '/', target: '/m', readonly: true },
      root: { type: 'overlay', base: '/', lowers: [], upper: undefined, work: undefined, options: [] },
    };
    const asked: StepOptions[] = [
      { security: 'insecure' },
      { readonly: true },
      { mounts: [writable] },
      { mounts: [overlay] },
    ];
    for (const options of asked) await rejects(sh('true', options), 'ERR_UNSUPPORTED', /chroot/);
  });
});
