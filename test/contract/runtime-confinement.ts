// What a Runtime lets a step see and do.
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import type { StepMount } from '../../src/seams.ts';
import type { StepBench } from '../support/step-bench.ts';

export function confinementTests({ run, sh, out, it, folder }: StepBench): void {
  it('variables of the dynamic loader reach the step and no program of the host', async () => {
    const env = ['PATH=/bin', 'HOME=/', 'LD_PRELOAD=/no/such.so', 'LD_LIBRARY_PATH=/x y', 'A=1'];
    const ran = await run(['env'], { process: { env } });
    assert.equal(ran.stdout.trim().split('\n').sort(), [...env].sort());
    assert.is(ran.stderr, '');
  });

  it('the step’s PATH leads to no program of the host', async () => {
    const path = join(folder(), 'evil');
    mkdirSync(path, { recursive: true });
    const mark = join(folder(), 'evil-ran');
    for (const name of ['unshare', 'env', 'setpriv', 'sh']) {
      writeFileSync(join(path, name), `#!/bin/sh\ntouch '${mark}'\n`, { mode: 0o755 });
    }
    const env = [`PATH=${path}:/bin`, 'HOME=/', 'ENV=/x', 'BASH_ENV=/x'];
    assert.is((await run(['pwd'], { process: { env } })).stdout, '/\n');
    assert.not.ok(existsSync(mark));
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
    const climb = `cd -P /$p/root; cd -P ${up}; ls -d ./bin '.${folder()}'`;
    const script = `sleep 60 & p=$!; chroot /proc /$p/root/bin/busybox sh -c "${climb}" 2>/dev/null; exit 0`;
    assert.is(await out(script), './bin\n');
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

  it('limits and the size of /dev/shm are those given', async () => {
    const ulimits = [{ name: 'nofile', soft: 321, hard: 654 }];
    assert.is(await out('echo $(ulimit -S -n) $(ulimit -H -n)', { ulimits }), '321 654\n');
    const size = "df -k /dev/shm | awk 'END{print $2}'";
    assert.is(await out(size), '65536\n');
    assert.is(await out(size, { shmSize: 96 * 1024 * 1024 }), '98304\n');
  });

  it('an insecure step has the nodes of this machine for mounting and tracing, another has not', async () => {
    const names = ['fuse', 'kmsg', 'kvm', 'loop-control', 'net/tun'].filter((name) =>
      existsSync(`/dev/${name}`),
    );
    const script = `for d in ${names.join(' ')}; do test -c /dev/$d && echo $d; done; ls -d /dev/loop[0-9]* 2>/dev/null | wc -l`;
    const loops = readdirSync('/dev').filter((name) => /^loop\d+$/.test(name));
    const wanted = [...names, `${loops.length}`, ''].join('\n');
    assert.is(await out(script, { security: 'insecure' }), wanted);
    assert.is(await out(script), '0\n');
  });

  it('an insecure step may mount and write to /proc/sys', async () => {
    const script =
      'mount -t tmpfs x /srv && echo mounted; echo 0 > /proc/sys/kernel/domainname && echo written';
    const ran = await sh(script, { security: 'insecure' });
    assert.is(ran.stdout, 'mounted\nwritten\n', ran.stderr);
    assert.is.not((await sh('mount -t tmpfs x /srv')).exitCode, 0);
  });
}
