// What a Runtime does for the command of a step: streams, codes, environment, user.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import type { StepBench } from '../support/step-bench.ts';

export function processTests({ run, sh, out, it, name }: StepBench): void {
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

  it('the step starts in its folder, over a link of the root too, and one that is gone is made', async () => {
    assert.is(await out('pwd', { process: { cwd: '/srv' } }), '/srv\n');
    assert.is(await out('pwd -P', { process: { cwd: '/link' } }), '/srv\n');
    const ran = await sh('pwd; stat -c "%a %u" .', { process: { cwd: '/gone/deep', uid: 5, gid: 5 } });
    assert.is(ran.stdout, '/gone/deep\n755 0\n');
    assert.ok(existsSync(join(ran.upper, 'gone/deep')));
  });

  it('arguments are words as they stand', async () => {
    const argv = ['$HOME', '*', "it's", 'a"b', '', 'é\n', '--', '-x'];
    const ran = await run(['/bin/sh', '-c', 'for i in "$@"; do echo "<$i>"; done', 'sh', ...argv]);
    assert.is(ran.stdout, argv.map((word) => `<${word}>\n`).join(''));
  });

  it('a program is looked up in the PATH that is given', async () => {
    assert.is((await run(['pwd'], { process: { env: ['PATH=/none:/bin'], cwd: '/srv' } })).stdout, '/srv\n');
  });

  it('a program that is not there gives 127 and is named', async () => {
    for (const program of ['/opt/nothing here', 'nothing']) {
      const ran = await run([program, '--go']);
      assert.is(ran.exitCode, 127);
      assert.match(ran.stderr, program);
      assert.match(ran.stderr, /^exec: "[^"]*": .*not found|^exec: "[^"]*": no such/);
    }
  });

  // Programs of the C library, which start a step there, try a shell then.
  if (name !== 'unshare') {
    it('a program of a kind that the kernel does not know gives 126 and is named', async () => {
      for (const argv of [['/etc/odd'], ['odd']]) {
        const ran = await run(argv, { process: { env: ['PATH=/bin:/etc'] } });
        assert.equal([ran.exitCode, ran.stderr], [126, `exec: "${argv[0]}": exec format error\n`]);
      }
    });
  }

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

  it('the input is empty', async () => {
    assert.is(await out('cat | wc -c'), '0\n');
  });

  it('the umask is 0022, for any user', async () => {
    assert.is(await out('umask'), '0022\n');
    assert.is(await out('umask', { process: { uid: 9, gid: 9 } }), '0022\n');
  });

  it('the command is process 1 and sees its own processes alone', async () => {
    assert.is(await out('echo $$; cd /proc; set -- [0-9]*; echo $#'), '1\n1\n');
  });
}
