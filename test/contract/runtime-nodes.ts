// That what a step does to its device nodes, and to what it reads, is nothing to the host's.
import { chmodSync, chownSync, statSync } from 'node:fs';
import * as assert from 'uvu/assert';
import type { StepBench } from '../support/step-bench.ts';

const names = ['null', 'zero', 'full', 'random', 'urandom', 'tty'];

const stateOf = () =>
  names.map((name) => {
    const { mode, uid, gid, mtimeMs } = statSync(`/dev/${name}`);
    return { name, mode, uid, gid, ...(name === 'zero' && { mtimeMs }) };
  });

export function nodeTests({ sh, it }: StepBench): void {
  it('nodes of the host keep their mode and owner, whatever a step does to its own', async () => {
    const before = stateOf();
    const script = `for d in ${names.join(' ')}; do chmod 640 /dev/$d; chown 7:8 /dev/$d; touch -d '2001-01-01 00:00' /dev/$d; done
      chmod 600 /proc/self/fd/0 /proc/keys /proc/timer_list /proc/interrupts; chown 7 /proc/self/fd/0 /proc/keys; echo done`;
    try {
      const ran = await sh(script);
      assert.is(ran.stdout, 'done\n', ran.stderr);
      assert.equal(stateOf(), before);
    } finally {
      for (const { name, mode, uid, gid } of before) {
        chownSync(`/dev/${name}`, uid, gid);
        chmodSync(`/dev/${name}`, mode & 0o7777);
      }
    }
  });

  it('what a command reads that is given nothing is empty, and is no file of the host', async () => {
    const ran = await sh(
      'wc -c; test -c /proc/self/fd/0 -o -p /proc/self/fd/0 && echo node; stat -c %a /dev/null; echo x > /dev/null',
    );
    assert.equal([ran.stdout, ran.stderr], ['0\nnode\n666\n', '']);
  });
}
