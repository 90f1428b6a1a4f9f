// What every CacheIndex does, as a suite to be run on each implementation.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type DiffID, digestOf } from '../../src/oci/digest.ts';
import type { CacheIndex, CacheRecord } from '../../src/seams.ts';

export interface CacheIndexFixture {
  index: CacheIndex;
  close(): Promise<void>;
}

const key = digestOf('key');
const sample = (description: string): CacheRecord => ({
  content: digestOf('content'),
  diffID: digestOf('tar') as string as DiffID,
  size: 1024,
  created: '2026-01-02T03:04:05Z',
  seconds: 0.5,
  description,
  tree: { command: 'make', env: { PATH: 'x' }, mounts: {} },
});
/** Records may give their tree only when it is looked at. */
const whole = (record: CacheRecord | undefined) => record && { ...record, tree: record.tree };

function gate(): { opened: Promise<void>; open(): void } {
  let open!: () => void;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

export function cacheIndexSuite(name: string, make: () => Promise<CacheIndexFixture>): void {
  const test = suite(`cache index: ${name}`);
  const { signal } = new AbortController();
  const titled = (title: string, work: (index: CacheIndex) => Promise<void>) =>
    test(title, async () => {
      const fixture = await make();
      try {
        await work(fixture.index);
      } finally {
        await fixture.close();
      }
    });

  titled('a record is found by its key as it was written, and by no other', async (index) => {
    assert.is(await index.lookup(key), undefined);
    assert.equal(whole(await index.record(key, sample('one'))), sample('one'));
    assert.equal(whole(await index.lookup(key)), sample('one'));
    assert.is(await index.lookup(digestOf('other')), undefined);
  });

  titled('the first writer of a key wins, and the others are told its record', async (index) => {
    await index.record(key, sample('one'));
    assert.is((await index.record(key, sample('two'))).description, 'one');
    assert.is((await index.lookup(key))?.description, 'one');
  });

  titled('of writers at the same time, all are told the record that is kept', async (index) => {
    const told = await Promise.all(['a', 'b', 'c'].map((text) => index.record(key, sample(text))));
    const kept = (await index.lookup(key))?.description;
    assert.equal(
      told.map(({ description }) => description),
      [kept, kept, kept],
    );
  });

  titled('a record is replaced where that is asked for', async (index) => {
    await index.record(key, sample('one'));
    assert.is((await index.record(key, sample('two'), { replace: true })).description, 'two');
    assert.is((await index.lookup(key))?.description, 'two');
  });

  titled('exclusive work of one name takes turns, that of two does not wait', async (index) => {
    const order: string[] = [];
    const other = gate();
    const first = index.exclusive('a', signal, async () => {
      order.push('first in');
      await other.opened;
      order.push('first out');
    });
    const second = index.exclusive('a', signal, async () => order.push('second'));
    await index.exclusive('b', signal, async () => other.open());
    await Promise.all([first, second]);
    assert.is(order.indexOf('first out'), order.indexOf('first in') + 1);
    assert.is(order.length, 3);
  });

  titled('exclusive work gives back what it returns; its failure lets the next one in', async (index) => {
    assert.is(await index.exclusive('a', signal, async () => 7), 7);
    const failure = new Error('mine');
    const failed = await index
      .exclusive('a', signal, async () => {
        throw failure;
      })
      .catch((error: unknown) => error);
    assert.is(failed, failure);
    assert.is(await index.exclusive('a', signal, async () => 8), 8);
  });

  titled('who waits for its turn can be aborted, and does not hold up those behind', async (index) => {
    const hold = gate();
    const entered = gate();
    const first = index.exclusive('a', signal, async () => {
      entered.open();
      await hold.opened;
    });
    await entered.opened;
    const aborter = new AbortController();
    const reason = new Error('no longer wanted');
    const second = index.exclusive('a', aborter.signal, async () => 'ran').catch((error: unknown) => error);
    const third = index.exclusive('a', signal, async () => 'third');
    aborter.abort(reason);
    assert.is(await second, reason);
    hold.open();
    assert.is(await third, 'third');
    await first;
  });

  titled('work that is aborted before its turn never runs', async (index) => {
    const reason = new Error('before');
    let ran = false;
    const outcome = await index
      .exclusive('a', AbortSignal.abort(reason), async () => {
        ran = true;
      })
      .catch((error: unknown) => error);
    assert.is(outcome, reason);
    assert.not(ran);
  });

  titled('a name is held at once where nobody holds it, and by one only', async (index) => {
    const held = index.tryExclusive('a');
    assert.ok(held);
    assert.is(index.tryExclusive('a'), undefined);
    let ran = false;
    const waiting = index.exclusive('a', signal, async () => {
      ran = true;
      assert.is(index.tryExclusive('a'), undefined);
    });
    await new Promise((resolve) => setImmediate(resolve));
    assert.not(ran);
    held[Symbol.dispose]();
    await waiting;
    using again = index.tryExclusive('a');
    assert.ok(again);
  });

  titled('a partial key may have records from when it is announced, and no other may', async (index) => {
    const [one, two] = [digestOf('one'), digestOf('two')];
    assert.is(await index.mayHave(one), false);
    await index.expect([one]);
    await index.expect([one]);
    assert.equal([await index.mayHave(one), await index.mayHave(two)], [true, false]);
    await index.expect([one, two]);
    assert.is(await index.mayHave(two), true);
  });

  test.run();
}
