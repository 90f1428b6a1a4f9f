// Which request of a schedule gets which fault: all follows from a seed.
import type { Fault, RegistryManners } from './fault-proxy.ts';
import { createRandom, type Random } from './random.ts';
import type { RequestKind } from './request-kind.ts';

export interface FaultSchedule {
  manners: RegistryManners;
  fault(kind: RequestKind, nth: number): Fault | undefined;
}

const json = { 'content-type': 'application/json' };
const words = (code: string): string => JSON.stringify({ errors: [{ code, message: 'as the test wants' }] });

function says(status: number, code: string, headers: Record<string, string> = {}): Fault {
  return { type: 'answer', status, headers: { ...json, ...headers }, body: words(code) };
}

/** What any request can meet. */
const anywhere: readonly Fault[] = [
  ...[500, 502, 503, 504, 408].map((status): Fault => ({ type: 'answer', status })),
  { type: 'answer', status: 503, headers: { 'retry-after': '0' }, early: true },
  says(429, 'TOOMANYREQUESTS'),
  says(429, 'TOOMANYREQUESTS', { 'retry-after': '0' }),
  says(429, 'TOOMANYREQUESTS', { 'retry-after': 'Wed, 21 Oct 2015 07:28:00 GMT' }),
  says(429, 'TOOMANYREQUESTS', { 'retry-after': '3600' }),
  says(403, 'DENIED'),
  { type: 'cut' },
  { type: 'lose' },
  { type: 'silent' },
];

const ofAnswers: readonly Fault[] = [
  ...[0, 0.5, 0.99].map((at): Fault => ({ type: 'cutAnswer', at })),
  { type: 'stallAnswer', at: 0.5 },
  { type: 'drip' },
  { type: 'flipAnswer' },
  ...[-1, -1000, 1, 1000].flatMap((by): Fault[] => [
    { type: 'resize', by, chunked: true },
    { type: 'resize', by, chunked: false },
  ]),
  { type: 'answer', status: 200, headers: { 'content-type': 'text/html' }, body: '<html>Sign in</html>' },
];

const redirects = [301, 302, 303, 307, 308].map((status): Fault => ({ type: 'redirect', status }));

const ofBodies: readonly Fault[] = [
  ...[0, 0.3, 0.99].map((at): Fault => ({ type: 'cutRequest', at })),
  { type: 'flipRequest' },
  { type: 'answer', status: 413, early: true },
  says(404, 'BLOB_UPLOAD_UNKNOWN'),
  says(400, 'BLOB_UPLOAD_INVALID'),
  says(416, 'RANGE_INVALID'),
  { type: 'otherDigest' },
  { type: 'redirect', status: 307 },
];

/** Besides what happens anywhere. */
const own: Record<RequestKind, readonly Fault[]> = {
  token: [...ofAnswers, { type: 'answer', status: 200, headers: json, body: '{}' }],
  'manifest-get': [...ofAnswers, ...redirects, { type: 'otherDigest' }, { type: 'revoke' }],
  'manifest-head': [{ type: 'otherDigest' }, { type: 'revoke' }, ...redirects, says(404, 'MANIFEST_UNKNOWN')],
  'manifest-put': [
    ...[{ type: 'otherDigest' } as const, { type: 'revoke' } as const],
    ...[says(400, 'MANIFEST_INVALID'), says(404, 'NAME_UNKNOWN')],
  ],
  'blob-get': [
    ...[...ofAnswers, ...redirects, { type: 'otherDigest' } as const, { type: 'revoke' } as const],
    ...[says(416, 'RANGE_INVALID'), says(404, 'BLOB_UNKNOWN'), { type: 'ignoreRange' } as const],
  ],
  'blob-head': [...redirects, { type: 'revoke' }, says(404, 'BLOB_UNKNOWN'), { type: 'answer', status: 405 }],
  mount: [says(404, 'BLOB_UNKNOWN'), says(405, 'UNSUPPORTED'), says(400, 'UNSUPPORTED'), { type: 'revoke' }],
  'upload-begin': [{ type: 'revoke' }, { type: 'answer', status: 202 }, { type: 'redirect', status: 307 }],
  'upload-progress': [says(404, 'BLOB_UPLOAD_UNKNOWN'), { type: 'revoke' }],
  'upload-chunk': [...ofBodies, { type: 'revoke' }],
  'upload-end': [...ofBodies, { type: 'revoke' }],
  'upload-cancel': [says(404, 'BLOB_UPLOAD_UNKNOWN')],
  storage: [
    ...[...ofAnswers, { type: 'ignoreRange' } as const],
    {
      type: 'answer',
      status: 401,
      headers: { 'www-authenticate': 'Basic realm="storage"' },
    },
  ],
  other: [],
};

export function faultsOf(kind: RequestKind): readonly Fault[] {
  return [...anywhere, ...own[kind]];
}

function mannersOf(random: Random): RegistryManners {
  return {
    auth: random.pick(['none', 'basic', { tokenUses: 1000 }, { tokenUses: random.pick([20, 50]) }] as const),
    storage: random.chance(40),
    uploadsElsewhere: random.chance(25),
    heads: random.chance(80),
    mounts: random.chance(50),
    relative: random.chance(50),
  };
}

/** The same for the same seed, in whatever order requests of different kinds come. */
export function faultSchedule(seed: number): FaultSchedule {
  const random = createRandom(seed);
  const manners = mannersOf(random);
  // Of the requests; where it is high, the same place fails again and again.
  const percent = random.pick([3, 8, 15, 30, 60]);
  const salt = random.number(1 << 20);
  return {
    manners,
    fault(kind, nth) {
      const place = [...kind].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 1_000_003, salt);
      const choice = createRandom(place * 64 + nth);
      return choice.chance(percent) ? choice.pick(faultsOf(kind)) : undefined;
    },
  };
}
