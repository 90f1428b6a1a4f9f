// How a Runtime mounts a step's root and the step's own mounts.
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { isSlipwayError } from '../../src/errors.ts';
import type { StepMount } from '../../src/seams.ts';
import type { StepBench } from '../support/step-bench.ts';

export function mountTests({ sh, out, it, folder }: StepBench): void {
  it('what a step writes is in the upper, and lower layers show', async () => {
    const ran = await sh('cat /lower; echo new > /srv/file; echo x >> /etc/passwd');
    assert.is(ran.stdout, 'from the second layer\n');
    assert.is(readFileSync(join(ran.upper, 'srv/file'), 'utf8'), 'new\n');
    assert.equal(readdirSync(ran.upper).sort(), ['dev', 'etc', 'proc', 'sys', 'srv'].sort());
    for (const name of ['dev', 'proc', 'sys']) assert.equal(readdirSync(join(ran.upper, name)), []);
  });

  it('a directory serves as the root', async () => {
    const path = join(folder(), 'l/1');
    assert.is(
      await out('ls /bin/sh; touch /srv/written', { root: { type: 'directory', path } }),
      '/bin/sh\n',
    );
    assert.ok(existsSync(join(path, 'srv/written')));
    for (const name of ['srv/written', 'dev', 'proc', 'sys']) rmSync(join(path, name), { recursive: true });
  });

  it('a bind shows a folder or a file, read-only where asked', async () => {
    const host = join(folder(), 'bound, here');
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

  it('what is mounted below /dev, /proc and /sys shows, wherever in the list it stands', async () => {
    const host = join(folder(), 'below dev');
    mkdirSync(host, { recursive: true });
    writeFileSync(join(host, 'f'), 'bound\n');
    const mounts: StepMount[] = [
      { type: 'bind', source: join(host, 'f'), target: '/etc/hosts', readonly: true },
      { type: 'bind', source: host, target: '/dev/pipes', readonly: true },
      { type: 'tmpfs', target: '/dev/more', size: undefined },
    ];
    const script = 'cat /dev/pipes/f /etc/hosts; touch /dev/more/x; ls /dev/more';
    for (const order of [mounts, [...mounts].reverse()])
      assert.is(await out(script, { mounts: order }), 'bound\nbound\nx\n');
  });

  it('a tmpfs is empty, has its size, and keeps the mode of what it hides', async () => {
    const mounts: StepMount[] = [
      { type: 'tmpfs', target: '/etc', size: undefined },
      { type: 'tmpfs', target: '/tmp', size: 8 * 1024 * 1024 },
      { type: 'tmpfs', target: '/made', size: undefined },
    ];
    const script = `ls /etc | wc -l; touch /etc/mine; stat -c %a /etc /tmp /made; df -k /tmp | awk 'END{print $2}'; touch /made/x`;
    const ran = await sh(script, { mounts });
    assert.equal([ran.stdout, ran.stderr], ['0\n755\n1777\n1777\n8192\n', '']);
    assert.not.ok(existsSync(join(ran.upper, 'etc')));
  });

  it('a tree mount shows a part of another root; writes to it are dropped', async () => {
    const base = join(folder(), 'other');
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
    const host = join(folder(), 'outer');
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
    const host = join(folder(), 'with-link');
    const victim = join(folder(), 'victim');
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
      { type: 'bind', source: join(folder(), 'gone'), target: '/m', readonly: true },
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
}
