// How a step ends with a Runtime: alone, aborted, or with the builder.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';
import { mountsOf, processesOf, type StepBench, until } from '../support/step-bench.ts';

export function endTests({ sh, out, it, folder, name }: StepBench): void {
  it('a process in the background ends with the step and does not hold it up', async () => {
    const mark = `${process.pid}${Date.now()}`;
    assert.is(await out(`(sleep ${mark}; touch /late) & echo started`), 'started\n');
    assert.equal(processesOf(`sleep\0${mark}`), []);
  });

  it('daemons that left their session and ignore every signal they can end with the step, however it ends', async () => {
    const mark = `${process.pid}${Date.now()}`;
    const daemon = `busybox setsid sh -c "trap '' TERM HUP INT QUIT PIPE; (sleep ${mark} &) ; sleep ${mark}" < /dev/null > /dev/null 2>&1 &`;
    const script = `(${daemon}) ; until [ $(ps -o args | grep -c "^sleep ${mark}") = 2 ]; do :; done`;
    for (const code of [0, 3])
      for (const uid of [0, 1000]) {
        const ran = await sh(`${script}; exit ${code}`, { process: { uid, gid: uid } });
        assert.is(ran.exitCode, code, ran.stderr);
        assert.equal(processesOf(`sleep\0${mark}`), []);
      }
  });

  it('a step that signals its own group reaches nothing but itself', async () => {
    const script = `(sleep 1000 &); trap 'echo term' TERM; kill -TERM 0; kill -STOP 0; kill -9 0; kill -9 -1; echo on; exit 5`;
    const ran = await sh(script);
    assert.equal([ran.exitCode, ran.stdout], [5, 'term\non\n'], ran.stderr);
    assert.match(await out('ps -o pid,pgid,sid | grep "^ *1 "'), /^ *1 +1 +1\s*$/);
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
    assert.equal(mountsOf(folder().replaceAll(' ', '\\040')), []);
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
    assert.equal(mountsOf(folder().replaceAll(' ', '\\040')), []);
    assert.throws(() => AbortSignal.abort(new Error('before')).throwIfAborted(), /before/);
  });

  it('nothing is left when the builder is killed', async () => {
    const mark = `${process.pid}${Date.now()}`;
    const script = fileURLToPath(new URL('../support/endless-step.ts', import.meta.url));
    for (const uid of ['0', '1000']) {
      const builder = spawn(process.execPath, ['--import', 'tsx', script, name, folder(), mark, uid], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const gone = new Promise((resolve) => builder.on('close', resolve));
      await new Promise((resolve) => builder.stdout.once('data', resolve));
      // The script says that it is ready before it becomes the sleep.
      await until(() => processesOf(`sleep\0${mark}`).length > 0);
      builder.kill('SIGKILL');
      await gone;
      await until(() => processesOf(`sleep\0${mark}`).length === 0);
      await until(() => mountsOf(folder().replaceAll(' ', '\\040')).length === 0);
    }
    for (const line of readFileSync('/proc/self/cgroup', 'utf8').trim().split('\n')) {
      const [, controllers = '', path = ''] = line.split(':');
      for (const group of [controllers.replace('name=', '') || 'unified', '.']) {
        assert.not.ok(existsSync(join('/sys/fs/cgroup', group, path, 'step')));
      }
    }
  });

  it('several steps run at once', async () => {
    const texts = await Promise.all(
      ['a', 'b', 'c'].map((name) => out(`echo ${name}; hostname`, { hostname: name })),
    );
    assert.equal(texts, ['a\na\n', 'b\nb\n', 'c\nc\n']);
  });
}
