// Uploads to a real registry behind a proxy that breaks them: every blob arrives whole, or the push fails in words.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { digestOf } from '../../src/oci/digest.ts';
import { connectRegistries, type RegistryOptions } from '../../src/registry/connect.ts';
import { createRemoteRepository, type RegistryRepository } from '../../src/registry/remote-repository.ts';
import type { OutgoingBlob } from '../../src/seams.ts';
import { type DockerRegistry, hasDockerRegistry, startDockerRegistry } from '../support/docker-registry.ts';
import { type Asked, type Fault, startRegistryProxy } from '../support/registry-proxy.ts';
import { rejects } from '../support/rejects.ts';
import { requireFeature } from '../support/require-feature.ts';

const test = suite('upload');
const { signal } = new AbortController();
let registry: DockerRegistry | undefined;
let count = 0;

test.before(async () => {
  if (hasDockerRegistry()) registry = await startDockerRegistry();
});
test.after(async () => {
  await registry?.stop();
});

interface Sent {
  blob: OutgoingBlob;
  content: Buffer;
  opened(): number;
}

/** A blob of its own, of three quarters of a megabyte. */
function outgoing(): Sent {
  const content = Buffer.alloc(768 << 10, `content ${++count} `);
  let opened = 0;
  const blob: OutgoingBlob = {
    descriptor: { mediaType: 'application/octet-stream', digest: digestOf(content), size: content.length },
    async *open() {
      opened++;
      for (let at = 0; at < content.length; at += 100_000) yield content.subarray(at, at + 100_000);
    },
  };
  return { blob, content, opened: () => opened };
}

interface Bench {
  repository: RegistryRepository;
  log: string[];
  slept: number[];
}

async function bench(
  intercept: (asked: Asked) => Fault | undefined,
  work: (bench: Bench) => Promise<void>,
  options: Partial<RegistryOptions> = {},
): Promise<void> {
  const proxy = await startRegistryProxy(registry!.host, intercept);
  const slept: number[] = [];
  const retry = {
    sleep: async (ms: number) => {
      slept.push(ms);
    },
    random: () => 0,
  };
  const client = connectRegistries({ env: { HOME: '/nonexistent' }, retry, ...options });
  try {
    const repository = createRemoteRepository(client, { registry: proxy.host, repository: 'app' });
    await work({ repository, log: proxy.log, slept });
  } finally {
    await client.transport.close();
    await proxy.stop();
  }
}

async function assertThere({ repository }: Bench, { blob, content }: Sent): Promise<void> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of repository.openBlob(blob.descriptor, signal)) chunks.push(chunk);
  assert.ok(Buffer.concat(chunks).equals(content), 'the registry has other bytes');
}

/** The fault, for the first `times` requests of a method. */
function first(method: string, fault: Fault, times = 1): (asked: Asked) => Fault | undefined {
  let left = times;
  return (asked) =>
    asked.method === method && asked.path.includes('/blobs/uploads/') && left-- > 0 ? fault : undefined;
}

const faults: [string, Fault][] = [
  ['the connection breaks in the midst', { cutRequest: 300_000 }],
  ['the connection breaks at once', { cutRequest: 1 }],
  ['the answer is lost', { cutAnswer: 0 }],
  ['the registry is busy and reads on', { status: 503 }],
  ['the registry is busy and does not read', { status: 502, early: true }],
  ['there are too many requests', { status: 429, headers: { 'retry-after': '3' } }],
  ['the session is gone', { status: 404, body: '{"errors":[{"code":"BLOB_UPLOAD_UNKNOWN"}]}' }],
];

for (const [what, fault] of faults) {
  test(`a blob arrives where ${what}`, async () => {
    if (!requireFeature('docker-registry', registry !== undefined)) return;
    await bench(first('PUT', fault), async (at) => {
      const sent = outgoing();
      assert.is(await at.repository.pushBlob(sent.blob, signal), 'uploaded', at.log.join('\n'));
      await assertThere(at, sent);
      // A registry that has not noticed the break yet takes the next attempt, and drops it then.
      assert.ok(sent.opened() <= 3, `opened ${sent.opened()} times`);
      assert.ok(at.slept.length <= 2, `waited ${at.slept.length} times`);
      if ('status' in fault && fault.status === 429) assert.is(at.slept[0], 3000);
    });
  });
}

test('a blob goes in chunks where a proxy refuses large bodies, through breaks of their own', async () => {
  if (!requireFeature('docker-registry', registry !== undefined)) return;
  const cut = first('PATCH', { cutRequest: 200_000 });
  const intercept = (asked: Asked): Fault | undefined =>
    asked.method === 'PUT' && Number(asked.headers['content-length']) > 1000
      ? { status: 413, early: true }
      : cut(asked);
  await bench(intercept, async (at) => {
    const sent = outgoing();
    assert.is(await at.repository.pushBlob(sent.blob, signal), 'uploaded', at.log.join('\n'));
    await assertThere(at, sent);
    assert.ok(at.log.some((line) => line.startsWith('PATCH') && line.endsWith(' 202')));
  });
});

test('large blobs go in chunks, unless the registry takes none', async () => {
  if (!requireFeature('docker-registry', registry !== undefined)) return;
  const settings = { hosts: { '*': { chunkSize: 300_000 } } };
  const patches = (log: string[]): number => log.filter((line) => line.startsWith('PATCH')).length;
  await bench(
    () => undefined,
    async (at) => {
      const sent = outgoing();
      await at.repository.pushBlob(sent.blob, signal);
      assert.is(patches(at.log), 3);
      assert.is(sent.opened(), 1);
      await assertThere(at, sent);
    },
    { settings },
  );
  for (const status of [400, 404, 405, 416]) {
    await bench(
      first('PATCH', { status }, Number.POSITIVE_INFINITY),
      async (at) => {
        const sent = outgoing();
        await at.repository.pushBlob(sent.blob, signal);
        assert.is(patches(at.log), 1);
        assert.is(at.slept.length, 0);
        await assertThere(at, sent);
      },
      { settings },
    );
  }
});

test('a registry that stops answering is given up in time, and tried again', async () => {
  if (!requireFeature('docker-registry', registry !== undefined)) return;
  await bench(
    first('PUT', { silent: true }),
    async (at) => {
      const sent = outgoing();
      assert.is(await at.repository.pushBlob(sent.blob, signal), 'uploaded', at.log.join('\n'));
      await assertThere(at, sent);
    },
    { idleTimeout: 1500 },
  );
});

test('what fails each time fails in the end, with its session given up', async () => {
  if (!requireFeature('docker-registry', registry !== undefined)) return;
  await bench(first('PUT', { cutRequest: 1000 }, Number.POSITIVE_INFINITY), async (at) => {
    await rejects(at.repository.pushBlob(outgoing().blob, signal), 'ERR_NETWORK');
    assert.is(at.slept.length, 4);
  });
  await bench(first('PUT', { status: 500 }, Number.POSITIVE_INFINITY), async (at) => {
    await rejects(at.repository.pushBlob(outgoing().blob, signal), 'ERR_REGISTRY', /500/);
    assert.match(at.log.at(-1)!, /^DELETE/);
  });
  await bench(first('PUT', { status: 403 }, Number.POSITIVE_INFINITY), async (at) => {
    await rejects(at.repository.pushBlob(outgoing().blob, signal), 'ERR_UNAUTHORIZED', /push to app/);
    assert.is(at.slept.length, 0);
  });
});

test('content that is not what its digest says is refused', async () => {
  if (!requireFeature('docker-registry', registry !== undefined)) return;
  await bench(
    () => undefined,
    async ({ repository }) => {
      const { blob, content } = outgoing();
      const other = Buffer.from(content).fill('x', 10, 20);
      const wrong: OutgoingBlob['open'][] = [
        async function* () {
          yield other;
        },
        async function* () {
          yield content.subarray(1);
        },
      ];
      for (const open of wrong)
        await rejects(repository.pushBlob({ ...blob, open }, signal), 'ERR_DIGEST_MISMATCH');
      assert.is(await repository.blobExists(blob.descriptor.digest, signal), false);
      // What comes before the byte too many is right: a registry that has seen enough may keep it.
      const longer: OutgoingBlob['open'] = async function* () {
        yield content;
        yield content.subarray(0, 1);
      };
      await rejects(repository.pushBlob({ ...blob, open: longer }, signal), 'ERR_DIGEST_MISMATCH');
    },
  );
});

test('an upload that is aborted ends at once', async () => {
  if (!requireFeature('docker-registry', registry !== undefined)) return;
  await bench(
    () => undefined,
    async ({ repository }) => {
      const { blob, content } = outgoing();
      const controller = new AbortController();
      let ended = false;
      const endless: OutgoingBlob = {
        ...blob,
        async *open(opened) {
          yield content.subarray(0, 1000);
          queueMicrotask(() => controller.abort(new Error('enough')));
          await new Promise((resolve) => opened.addEventListener('abort', resolve, { once: true }));
          ended = true;
        },
      };
      await repository.pushBlob(endless, controller.signal).then(
        () => assert.unreachable(),
        (error: Error) => assert.is(error.message, 'enough'),
      );
      assert.ok(ended);
    },
  );
});

test.run();
