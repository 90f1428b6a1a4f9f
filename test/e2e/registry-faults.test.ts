// Push, pull and copy through a registry with the faults of real ones: each run ends well or in one clear error, and either way
// nothing wrong is kept, nothing partial can be seen, and the next run without faults succeeds. SLIPWAY_SEEDS=1-2000 tries more.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { haveBusybox } from '../support/busybox-base.ts';
import { hasDockerRegistry } from '../support/docker-registry.ts';
import { type FaultBench, faultBench, type Work } from '../support/fault-bench.ts';
import { faultyCaches } from '../support/fault-cache.ts';
import type { Fault, RegistryManners } from '../support/fault-proxy.ts';
import { faultSchedule } from '../support/fault-schedule.ts';
import type { RequestKind } from '../support/request-kind.ts';
import { requireFeature } from '../support/require-feature.ts';

const test = suite('registry faults');
let bench: FaultBench;

const plain: RegistryManners = {
  auth: { tokenUses: 20 },
  storage: false,
  uploadsElsewhere: false,
  heads: true,
  mounts: true,
  relative: false,
};
/** Longer than any answer takes on a loaded machine. */
const patient = 20_000;

/** Runs with one fault, at the first request of a kind. */
async function once(
  [work, kind, fault]: [Work, RequestKind, Fault],
  options: { manners?: Partial<RegistryManners>; idleTimeout?: number } = {},
) {
  const { manners = {}, idleTimeout = patient } = options;
  const schedule = {
    manners: { ...plain, ...manners },
    fault: (one: RequestKind, nth: number) => (one === kind && nth === 0 ? fault : undefined),
  };
  return bench.run({ work, tag: 'one', schedule, idleTimeout });
}

const answer = (status: number, headers: Record<string, string> = {}, body = ''): Fault => ({
  ...{ type: 'answer', status, body },
  headers: { 'content-type': 'application/json', ...headers },
});
const denied = answer(403, {}, '{"errors":[{"code":"DENIED","message":"no"}]}');
const unknown = answer(404, {}, '{"errors":[{"code":"BLOB_UPLOAD_UNKNOWN"}]}');
const blobStorage = { storage: true };
const cut: Fault = { type: 'cut' };
const lose: Fault = { type: 'lose' };
const half: Fault = { type: 'cutAnswer', at: 0.5 };

/** What a run gets over by itself. */
const mended: [Work, RequestKind, Fault, Partial<RegistryManners>?][] = [
  ...(['token', 'manifest-get', 'blob-get'] as const).flatMap((kind): [Work, RequestKind, Fault][] => [
    ...[429, 500, 502, 503].map((status): [Work, RequestKind, Fault] => ['pull', kind, answer(status)]),
    ['pull', kind, answer(429, { 'retry-after': '0' })],
    ...[cut, lose, half].map((fault): [Work, RequestKind, Fault] => ['pull', kind, fault]),
    ['pull', kind, { type: 'drip' }],
  ]),
  ['pull', 'blob-get', { type: 'revoke' }],
  ['pull', 'blob-get', { type: 'redirect', status: 302 }],
  ['pull', 'blob-get', { type: 'otherDigest' }],
  ['pull', 'blob-get', { type: 'resize', by: -100, chunked: true }],
  ['pull', 'storage', half, blobStorage],
  ['pull', 'storage', answer(503), blobStorage],
  ['pull', 'storage', { type: 'ignoreRange' }, blobStorage],
  ...(['upload-begin', 'upload-end', 'manifest-put', 'blob-head'] as const).flatMap(
    (kind): [Work, RequestKind, Fault][] => [
      ['push', kind, answer(503)],
      ['push', kind, answer(429, { 'retry-after': '0' })],
      ...[cut, lose, { type: 'revoke' } as const].map((fault): [Work, RequestKind, Fault] => [
        'push',
        kind,
        fault,
      ]),
    ],
  ),
  ['push', 'upload-end', { type: 'cutRequest', at: 0.5 }],
  ['push', 'upload-end', { type: 'answer', status: 413, early: true }],
  ['push', 'upload-end', answer(416)],
  ['push', 'upload-end', unknown],
  ['push', 'manifest-head', answer(405)],
  ['push', 'blob-head', answer(405)],
  ['push', 'storage', lose, { uploadsElsewhere: true, relative: true }],
  ['push', 'blob-head', answer(404), { storage: true, heads: false }],
  ['copy within', 'mount', answer(405)],
  ['copy within', 'mount', denied],
  ['copy within', 'mount', answer(500), { mounts: false }],
  ['copy out', 'blob-get', half],
  ['copy in', 'upload-end', { type: 'cutRequest', at: 0.5 }],
];

/** What ends a run, and how. */
const final: [Work, RequestKind, Fault, string, RegExp][] = [
  ['pull', 'token', answer(200, {}, '{}'), 'ERR_REGISTRY', /without a token/],
  ['pull', 'manifest-get', denied, 'ERR_UNAUTHORIZED', /does not give the manifest/],
  ['pull', 'manifest-get', { type: 'flipAnswer' }, 'ERR_DIGEST_MISMATCH', /manifest/],
  ['pull', 'manifest-get', { type: 'otherDigest' }, 'ERR_DIGEST_MISMATCH', /manifest/],
  [
    ...(['pull', 'manifest-get'] as const),
    answer(200, { 'content-type': 'text/html' }, '<p>Sign in'),
    ...(['ERR_REGISTRY', /web page/] as const),
  ],
  ['pull', 'blob-get', answer(404), 'ERR_BLOB_NOT_FOUND', /does not have the blob/],
  ['pull', 'blob-get', answer(429, { 'retry-after': '3600' }), 'ERR_REGISTRY', /429/],
  ['pull', 'blob-get', { type: 'flipAnswer' }, 'ERR_DIGEST_MISMATCH', /./],
  ['pull', 'blob-get', { type: 'resize', by: 1, chunked: true }, 'ERR_DIGEST_MISMATCH', /more came/],
  ['pull', 'blob-get', { type: 'resize', by: -1, chunked: false }, 'ERR_DIGEST_MISMATCH', /offered/],
  ['push', 'blob-head', denied, 'ERR_UNAUTHORIZED', /does not let you push/],
  ['push', 'upload-begin', answer(202), 'ERR_REGISTRY', /where to upload/],
  ['push', 'upload-end', { type: 'flipRequest' }, 'ERR_DIGEST_MISMATCH', /DIGEST_INVALID/],
  ['push', 'upload-end', { type: 'otherDigest' }, 'ERR_DIGEST_MISMATCH', /stored/],
  ['push', 'manifest-put', { type: 'otherDigest' }, 'ERR_DIGEST_MISMATCH', /stored/],
  ['copy out', 'blob-get', { type: 'flipAnswer' }, 'ERR_DIGEST_MISMATCH', /DIGEST_INVALID/],
];

/** Several at once: most of their time is waiting. */
async function each<T>(all: readonly T[], work: (one: T, index: number) => Promise<void>): Promise<void> {
  const rest = [...all.entries()];
  const worker = async (): Promise<void> => {
    for (let next = rest.shift(); next; next = rest.shift()) await work(next[1], next[0]);
  };
  await Promise.all(Array.from({ length: 6 }, worker));
}

test('one fault that may pass is got over', async () => {
  await each(mended, async ([work, kind, fault, manners = {}]) => {
    const { error, log } = await once([work, kind, fault], { manners });
    assert.is(error, undefined, `${work}: ${error?.message}\n${log.join('\n')}`);
    assert.ok(
      log.some((line) => line.includes(`(${kind}) {`)),
      `${work} ${kind} ${fault.type}: no fault\n${log.join('\n')}`,
    );
  });
});

test('one fault that means something ends it in words', async () => {
  await each(final, async ([work, kind, fault, code, words]) => {
    const { error, log } = await once([work, kind, fault]);
    assert.is(error?.code, code, `${work} ${kind}: ${error?.message}\n${log.join('\n')}`);
    assert.match(error!.message, words);
  });
});

test('a body that stalls is asked for again where it stopped', async () => {
  const { error, log } = await once(['pull', 'blob-get', { type: 'stallAnswer', at: 0.5 }], {
    idleTimeout: 1500,
  });
  assert.is(error, undefined, log.join('\n'));
});

const [first = 1, last = 200] = (process.env['SLIPWAY_SEEDS'] ?? '1-200').split('-').map(Number);
const works: readonly Work[] = ['push', 'pull', 'push', 'pull', 'copy in', 'copy out', 'copy within'];

test('whatever happens, all is right or nothing is there, and then all is', async () => {
  const ends = { well: 0, badly: 0 };
  const seeds = Array.from({ length: last - first + 1 }, (_, index) => first + index);
  await each(seeds, async (seed) => {
    const work = works[seed % works.length]!;
    const tag = seed % 3 === 0 ? 'all' : 'one';
    const trial = { work, tag, schedule: faultSchedule(seed), idleTimeout: 300 } as const;
    const { error } = await bench.run(trial).catch((cause: Error) => {
      throw new Error(`seed ${seed}: ${cause.message}`);
    });
    ends[error ? 'badly' : 'well']++;
  });
  if (seeds.length < 100) return;
  // The schedules are neither too kind nor too cruel to say anything.
  assert.ok(ends.well * 10 > seeds.length && ends.badly * 10 > seeds.length, JSON.stringify(ends));
});

test('a build whose cache is in such a registry makes what it should, and fails by exporting alone', async () => {
  if (!requireFeature('busybox-static', haveBusybox)) return;
  await using caches = await faultyCaches();
  const seeds = Array.from({ length: Math.ceil((last - first + 1) / 12) }, (_, index) => first + index);
  await each(seeds, async (seed) => {
    const exports = seed % 2 === 0;
    const { error } = await caches.run({ schedule: faultSchedule(seed), exports }).catch((cause: Error) => {
      throw new Error(`seed ${seed}: ${cause.message}`);
    });
    if (error) assert.equal([exports, error.code], [true, 'ERR_EXPORT'], `seed ${seed}: ${error.message}`);
  });
});

if (requireFeature('docker-registry', hasDockerRegistry())) {
  test.before(async () => {
    bench = await faultBench();
  });
  test.after(async () => {
    await bench[Symbol.asyncDispose]();
  });
  test.run();
}
