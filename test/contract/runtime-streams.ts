// What a Runtime does with a step's input, with a slow reader of its output, and with signals for it.
import * as assert from 'uvu/assert';
import type { SendSignal, StepMount } from '../../src/seams.ts';
import type { StepBench } from '../support/step-bench.ts';

async function* chunks(count: number, size: number): AsyncGenerator<Uint8Array> {
  for (let number = 0; number < count; number++) yield Buffer.alloc(size, number % 251);
}

/** A source that never ends; says when it was let go. */
function endless(first: string): AsyncIterable<Uint8Array> {
  return {
    [Symbol.asyncIterator]: () => {
      let given = false;
      return {
        next() {
          if (given) return new Promise(() => {});
          given = true;
          return Promise.resolve({ done: false, value: Buffer.from(first) });
        },
      };
    },
  };
}

export function streamTests({ run, sh, out, it }: StepBench): void {
  it('the command reads its input byte for byte to the end', async () => {
    const ran = await run(['cat'], { io: { stdin: chunks(300, 20_000) } });
    const wanted: Uint8Array[] = [];
    for await (const chunk of chunks(300, 20_000)) wanted.push(chunk);
    assert.ok(ran.raw.equals(Buffer.concat(wanted)), `${ran.raw.length} bytes`);
  });

  it('a plain user can open /dev/stdin', async () => {
    const process = { uid: 77, gid: 77 };
    assert.is(await out('cat /dev/stdin', { process, io: { stdin: chunks(1, 3) } }), '\0\0\0');
  });

  it('an input that is not read, or never ends, does not hold the step up', async () => {
    assert.is((await sh('exit 3', { io: { stdin: chunks(100, 100_000) } })).exitCode, 3);
    assert.is(await out('read line; echo "got $line"', { io: { stdin: endless('one\n') } }), 'got one\n');
  });

  it('an input that fails is an input that ends', async () => {
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('some');
      throw new Error('lost');
    }
    assert.is(await out('cat', { io: { stdin: failing() } }), 'some');
  });

  it('output waits for whoever can take no more', async () => {
    let waiting = 0;
    let most = 0;
    const drained = (): Promise<void> => {
      most = Math.max(most, ++waiting);
      return new Promise((resolve) => {
        setImmediate(() => {
          waiting--;
          resolve();
        });
      });
    };
    const ran = await sh('head -c 2000000 /dev/zero; echo end >&2', { io: { drained } });
    assert.is(ran.raw.length, 2_000_000);
    assert.is(ran.stderr, 'end\n');
    assert.ok(most <= 2, `${most} at once`);
  });

  it('an abort ends a step whose output nobody takes', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const drained = (): Promise<void> => {
      controller.abort(reason);
      return new Promise(() => {});
    };
    const ran = sh('cat /dev/zero', { signal: controller.signal, io: { drained } });
    await ran.then(
      () => assert.unreachable(),
      (error: unknown) => assert.is(error, reason),
    );
  });

  it('a signal reaches the command, which decides what becomes of it', async () => {
    for (const uid of [0, 77]) {
      let send: SendSignal = () => assert.unreachable();
      let said = '';
      const script =
        'trap "echo caught; exit 9" TERM; trap "echo again" USR1; echo ready; while :; do sleep 0.05; done';
      const onOutput = (text: string): void => {
        said += text;
        if (text.includes('ready')) send('SIGUSR1');
        if (text.includes('again')) send('SIGTERM');
      };
      const io = {
        onStart: (sender: SendSignal) => {
          send = sender;
        },
      };
      const ran = await sh(script, { io, onOutput, process: { uid, gid: uid } });
      assert.equal([said, ran.exitCode], ['ready\nagain\ncaught\n', 9]);
      // Nothing is there any more.
      send('SIGTERM');
    }
  });

  it('a root that is read-only can not be written to, what is mounted can', async () => {
    const mounts: StepMount[] = [{ type: 'tmpfs', target: '/made/tmp', size: undefined }];
    const script = `touch /x /etc/x 2>/dev/null || echo ro; touch /made/tmp/x /dev/shm/x && echo rw; echo > /dev/null
      mkdir /made/y 2>/dev/null || echo ro`;
    assert.is(await out(script, { readonly: true, mounts }), 'ro\nrw\nro\n');
  });
}
