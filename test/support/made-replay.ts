// A replay of a made history, from a seed: two Dockerfiles, sources that change often, a lock file that seldom does.

import type { ReportedStep } from '../../src/explain/cache-report.ts';
import type { Cause } from '../../src/explain/explanation.ts';
import type { ReplayBuild, ReplayResult, ReplayVariant } from '../../src/replay/replay-result.ts';
import { madeLayers } from './made-layers.ts';
import { createRandom } from './random.ts';

const files = [
  'src/app.js',
  'src/server.js',
  'src/routes/users.js',
  'src/routes/cart.js',
  'src/db.js',
  'README.md',
  'test/app.test.js',
  'public/index.html',
  'src/log.js',
  'src/config.js',
  'docs/guide.md',
  'src/mail.js',
];

interface MadeStep {
  text: string;
  type: string;
  seconds: number;
  size: number;
  /** Of the context, that it reads. */
  reads?: (path: string) => boolean;
}

const base: MadeStep = { text: 'FROM docker.io/library/node:20', type: 'image', seconds: 0, size: 0 };
const all: MadeStep = { text: 'COPY . .', type: 'copy', seconds: 0.31, size: 2_400_000, reads: () => true };
const manifests: MadeStep = {
  text: 'COPY package.json package-lock.json ./',
  type: 'copy',
  seconds: 0.02,
  size: 91_000,
  reads: (path) => path.startsWith('package'),
};
const install: MadeStep = { text: 'RUN npm ci', type: 'exec', seconds: 38.4, size: 84_000_000 };
const compile: MadeStep = { text: 'RUN npm run build', type: 'exec', seconds: 11.2, size: 3_100_000 };
const work: MadeStep = { text: 'WORKDIR /app', type: 'mkdir', seconds: 0.01, size: 1024 };
const packages: MadeStep = {
  text: 'RUN apt-get update && apt-get install -y --no-install-recommends git ca-certificates',
  type: 'exec',
  seconds: 17.5,
  size: 51_000_000,
};

const catalogue = [base, all, manifests, install, compile, work, packages];

/** What a dry replay of another Dockerfile over the same history gives: of steps that it does not know, no times. */
export function madeForetelling(result: ReplayResult, dockerfile: string): ReplayResult {
  const steps = dockerfile
    .split('\n')
    .filter((line) => /^[A-Z]+ /.test(line))
    .map((text): MadeStep => catalogue.find((step) => step.text === text) ?? madeStep(text));
  const { builds } = result.variants[0]!;
  return {
    ...result,
    settings: { ...result.settings, dry: true },
    variants: [
      {
        ...{ name: 'patched', origin: 'fixed', dockerfile },
        builds: builds.map(({ change }, at) => ({
          ...madeBuild({ change, at, steps, factor: 1 }),
          outcome: 'foretold',
        })),
      },
    ],
  };
}

function madeStep(text: string): MadeStep {
  if (!/^(?:COPY|ADD) /.test(text))
    return { text, type: /^RUN /.test(text) ? 'exec' : 'mkdir', seconds: Number.NaN, size: 0 };
  const sources = text
    .split(' ')
    .slice(1, -1)
    .filter((word) => !word.startsWith('--'));
  const patterns = sources.map((source) =>
    source === '.'
      ? /^/
      : new RegExp(
          `^${source
            .replace(/^\.\/|\/$/g, '')
            .replaceAll('.', '\\.')
            .replaceAll('*', '[^/]*')}(?:/|$)`,
        ),
  );
  return {
    text,
    type: 'copy',
    seconds: Number.NaN,
    size: 0,
    reads: (path) => patterns.some((pattern) => pattern.test(path)),
  };
}

export function madeReplay({ seed = 1, commits = 61 } = {}): ReplayResult {
  const choose = createRandom(seed);
  const random = (): number => choose.number(10_000) / 10_000;
  const changes = Array.from({ length: commits }, (_, at): ReplayBuild['change'] => {
    const changed = new Set<string>();
    if (at > 0) {
      if (random() < 0.1) changed.add('package-lock.json').add('package.json');
      while (changed.size === 0 || random() < 0.45)
        changed.add(files[Math.floor(random() ** 2 * files.length)]!);
    }
    const id = Array.from({ length: 40 }, () => Math.floor(random() * 16).toString(16)).join('');
    const [first = ''] = changed;
    const subject =
      at === 0
        ? 'Start'
        : changed.has('package.json')
          ? 'Take newer dependencies'
          : `Change ${first.split('/').at(-1)}`;
    const time = new Date(Date.UTC(2024, 0, 1) + at * 7_200_000).toISOString();
    return { type: 'commit', id, subject, author: 'Ada', time, files: [...changed] };
  });
  const noise = changes.map(() => 0.9 + random() * 0.25);
  const variant = (name: string, steps: MadeStep[]): ReplayVariant => ({
    name,
    origin: 'fixed',
    dockerfile: `${steps.map(({ text }) => text).join('\n')}\n`,
    builds: changes.map((change, at) => madeBuild({ change, at, steps, factor: noise[at]! })),
    layers: madeLayers(steps),
  });
  return {
    type: 'slipway-replay',
    version: 1,
    started: '2024-02-03T04:05:06.000Z',
    planned: commits,
    settings: {
      context: '.',
      history: { type: 'commits', range: `v1.0~${commits}..v1.0` },
      builder: 'slipway',
      runner: 'warm',
      cache: 'local',
      dry: false,
      flags: [],
    },
    machine: {
      platform: 'linux/amd64',
      kernel: '6.1',
      cpu: 'Example CPU',
      cpus: 4,
      memory: 16 * 2 ** 30,
      node: '20.20.0',
      builder: 'slipway 0.1.0',
    },
    variants: [
      variant('Dockerfile.all-first', [base, packages, work, all, install, compile]),
      variant('Dockerfile', [base, packages, work, manifests, install, all, compile]),
    ],
  };
}

function madeBuild({
  change,
  at,
  steps,
  factor,
}: {
  change: ReplayBuild['change'];
  at: number;
  steps: MadeStep[];
  factor: number;
}): ReplayBuild {
  let root: number | null = null;
  const reported = steps.map((step, index): ReportedStep => {
    const { text, type, seconds, size, reads } = step;
    const label = type === 'image' ? '' : `[${index + 1}/${steps.length}] `;
    const changed = at === 0 ? [] : change.files.filter((path) => reads?.(path));
    const own: Cause[] =
      at === 0
        ? [{ kind: 'first-build' }]
        : changed.map((path): Cause => ({ kind: 'file', change: 'content', path, before: 'a', after: 'b' }));
    const isMiss = type !== 'image' && (own.length > 0 || root !== null);
    if (isMiss && root === null) root = index;
    const whole = Number((seconds * factor).toFixed(3));
    const first =
      isMiss && root !== null && root !== index && at > 0
        ? change.files.filter((path) => steps[root!]!.reads?.(path))
        : changed;
    return {
      ...{
        step: index,
        name: `${label}${text}`,
        type,
        lines: [index + 1, index + 1],
        inputs: [index === 0 ? null : index - 1],
      },
      outcome: type === 'image' ? 'source' : isMiss ? 'ran' : 'hit',
      ...{ key: null, keys: [], content: null, sources: isMiss ? ['local'] : ['local'] },
      seconds: type === 'image' || Number.isNaN(seconds) ? null : isMiss ? { ran: whole } : { saved: whole },
      bytes: type === 'image' ? null : isMiss ? { written: size } : { reused: size },
      ...{ bytesRead: null, bytesPulled: null, bytesPushed: null },
      causes: isMiss ? (root === index ? own : [...own, { kind: 'parent', step: index - 1 }]) : [],
      reasons: !isMiss
        ? []
        : at === 0
          ? ['no earlier build of this Dockerfile is known here']
          : first.map((path) => `${path} has other content`),
      root: isMiss ? root : null,
    };
  });
  const ran = reported.filter(({ outcome }) => outcome === 'ran');
  const sum = (key: 'ran' | 'saved'): number =>
    reported.reduce(
      (total, { seconds }) =>
        total + (seconds && key in seconds ? (seconds as Record<string, number>)[key]! : 0),
      0,
    );
  const written = ran.reduce(
    (total, { bytes }) => total + (bytes && 'written' in bytes ? bytes.written : 0),
    0,
  );
  return {
    ...{
      change,
      outcome: 'done',
      error: '',
      seconds: sum('ran') + 0.4 * factor,
      cpu: null,
      peakMemory: null,
    },
    ...{
      bytes: { written, pulled: 0, pushed: 0 },
      hits: reported.filter(({ outcome }) => outcome === 'hit').length,
      misses: ran.length,
    },
    ...{ stepSeconds: { ran: sum('ran'), saved: sum('saved') }, steps: reported },
  };
}
