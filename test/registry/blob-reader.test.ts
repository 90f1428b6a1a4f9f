import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Descriptor } from '../../src/oci/descriptor.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { createBlobReader } from '../../src/registry/blob-reader.ts';
import type { OutgoingBlob } from '../../src/seams.ts';

const test = suite('blob reader');
const { signal } = new AbortController();
const content = Buffer.from('0123456789abcdef');
const descriptor: Descriptor = {
  mediaType: 'application/octet-stream',
  digest: digestOf(content),
  size: content.length,
};

interface Source extends OutgoingBlob {
  opened: number;
  /** Lets the next four bytes of each open stream come. */
  release(): void;
}

/** Gives nothing before it is let. */
function slowSource(): Source {
  const waiting = new Set<() => void>();
  const source: Source = {
    descriptor,
    opened: 0,
    async *open(stopped) {
      source.opened++;
      for (let at = 0; at < content.length; at += 4) {
        await new Promise<void>((done) => {
          waiting.add(done);
          stopped.addEventListener('abort', () => done());
        });
        stopped.throwIfAborted();
        yield content.subarray(at, at + 4);
      }
    },
    release() {
      const now = [...waiting];
      waiting.clear();
      for (const done of now) done();
    },
  };
  return source;
}

const turn = (): Promise<void> => new Promise((done) => setImmediate(done));

async function textOf(body: AsyncIterable<Uint8Array>, source?: Source): Promise<string> {
  let text = '';
  const done = (async () => {
    for await (const chunk of body) text += Buffer.from(chunk).toString();
    return true;
  })();
  for (let isDone = false; source && !isDone; ) {
    source.release();
    isDone = await Promise.race([done, turn().then(() => false)]);
  }
  await done;
  return text;
}

test('ranges that follow one another are one reading; going back is another', async () => {
  const source = slowSource();
  using reader = createBlobReader(source, signal);
  assert.is(await textOf(reader.range(0, 6).open(signal), source), '012345');
  assert.is(await textOf(reader.range(6, 10).open(signal), source), '6789abcdef');
  assert.is(source.opened, 1);
  assert.is(await textOf(reader.range(2, 14).open(signal), source), '23456789abcdef');
  assert.is(source.opened, 2);
});

test('bytes that a broken exchange still waits for are not missing from the next one', async () => {
  const source = slowSource();
  using reader = createBlobReader(source, signal);
  const first = reader.range(0, 16).open(signal)[Symbol.asyncIterator]();
  const lost = first.next().catch(() => undefined);
  await turn();
  assert.is(await textOf(reader.range(0, 16).open(signal), source), content.toString());
  assert.is(source.opened, 2);
  await lost;
  assert.is(reader.failed(), false);
});

test('a source that fails is told from whoever takes its bytes, and can be opened anew', async () => {
  let opened = 0;
  const source: OutgoingBlob = {
    descriptor,
    async *open() {
      if (opened++ === 0) throw new Error('gone');
      yield content;
    },
  };
  using reader = createBlobReader(source, signal);
  const error = await textOf(reader.range(0, 16).open(signal)).catch((reason: Error) => reason);
  assert.match(String(error), 'gone');
  assert.is(reader.failed(), true);
  assert.is(await textOf(reader.range(0, 16).open(signal)), content.toString());
  assert.is(reader.failed(), false);
});

test.run();
