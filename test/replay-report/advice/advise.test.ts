// Advice: what is offered is foretold to save, and what could change what is built is not offered.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readLintFile } from '../../../src/lint/lint-file.ts';
import type { ReplayResult, ReplayVariant } from '../../../src/replay/replay-result.ts';
import { adviseOn } from '../../../src/replay-report/advice/advise.ts';
import { copyMoves } from '../../../src/replay-report/advice/copy-moves.ts';
import { variableMoves } from '../../../src/replay-report/advice/variable-moves.ts';
import { madeForetelling, madeReplay } from '../../support/made-replay.ts';

const test = suite('replay report: advice');

const diff = (before: string, after: string): string => `${before}---\n${after}`;
const moves = (...lines: string[]) => copyMoves(readLintFile(`${lines.join('\n')}\n`, 'Dockerfile', {}));
const textOf = (...lines: string[]): string => `${lines.join('\n')}\n`;

function advise(result: ReplayResult, dockerfile: string) {
  const asked: string[] = [];
  const [replayed] = madeForetelling(result, dockerfile).variants;
  const variant: ReplayVariant = { ...result.variants[0]!, dockerfile, builds: replayed!.builds };
  const advice = adviseOn(variant, {
    diff,
    async foretell(text) {
      asked.push(text);
      return madeForetelling(result, text);
    },
  });
  return advice.then((found) => ({ ...found, asked }));
}

test('manifests are copied first, as the other Dockerfile of the history has it, and the saving is that of the foretelling', async () => {
  const result = madeReplay();
  const [all, first] = result.variants;
  const { offers, asked } = await advise(result, all!.dockerfile);
  const [best] = offers;
  assert.is(
    best!.dockerfile,
    first!.dockerfile.replace('COPY package.json package-lock.json ./', 'COPY package*.json ./'),
  );
  const ran = (text: string, run: string): number =>
    madeForetelling(result, text)
      .variants[0]!.builds.slice(1)
      .filter(({ steps }) => steps.some(({ name, outcome }) => name.endsWith(run) && outcome === 'ran'))
      .length;
  const rarer = ran(all!.dockerfile, 'RUN npm ci') - ran(best!.dockerfile, 'RUN npm ci');
  assert.ok(rarer > 40);
  assert.is(best!.shorter, rarer);
  assert.is(best!.rebuilds, 60);
  // COPY of the manifests is taken for as dear as the dearest COPY.
  assert.ok(Math.abs(best!.seconds - (rarer * 38.4 - (60 - rarer) * 0.31)) < 0.01, `${best!.seconds}`);
  assert.match(best!.note, 'package*.json');
  assert.match(best!.note, 'postinstall');
  assert.match(best!.patch, 'COPY package*.json ./');
  assert.equal(new Set(asked).size, asked.length);
});

test('nothing is offered that does not save, and the reason is given', async () => {
  const result = madeReplay();
  const { offers, refusals } = await advise(result, result.variants[1]!.dockerfile);
  assert.equal(offers, []);
  assert.match(
    refusals.join('\n'),
    'RUN npm run build (line 7) stays below COPY . . (line 6): it may read any file',
  );
});

test('what a foretelling refuses, or cannot price, is not offered', async () => {
  const result = madeReplay();
  const [all] = result.variants;
  for (const [change, words] of [
    [
      (one: ReplayVariant) => {
        one.builds[3]!.outcome = 'failed';
        one.builds[3]!.error = 'no such file';
      },
      'a build would fail: no such file',
    ],
    [
      (one: ReplayVariant) => {
        for (const step of one.builds[3]!.steps)
          Object.assign(step, { name: 'RUN other', outcome: 'ran', seconds: null });
      },
      'is not known',
    ],
  ] as const) {
    const { offers, refusals } = await adviseOn(all!, {
      diff,
      async foretell(text) {
        const foretold = madeForetelling(result, text);
        if (text !== all!.dockerfile) change(foretold.variants[0]!);
        return foretold;
      },
    });
    assert.equal(offers, []);
    assert.match(refusals.join('\n'), words);
  }
});

test('changes are put together where several save', async () => {
  const result = madeReplay();
  const packages = 'RUN apt-get update && apt-get install -y --no-install-recommends git ca-certificates';
  const { offers } = await advise(
    result,
    textOf(
      'FROM docker.io/library/node:20',
      'WORKDIR /app',
      'COPY . .',
      'RUN npm ci',
      packages,
      'RUN npm run build',
    ),
  );
  assert.is(
    offers[0]!.dockerfile,
    textOf(
      'FROM docker.io/library/node:20',
      'WORKDIR /app',
      'COPY package*.json ./',
      'RUN npm ci',
      packages,
      'COPY . .',
      'RUN npm run build',
    ),
  );
  for (const [at, { seconds }] of offers.entries()) assert.ok(at === 0 || seconds <= offers[at - 1]!.seconds);
});

const head = ['FROM alpine:3', 'WORKDIR /app'];

test('a COPY is moved below the installation of packages that cannot read it', () => {
  assert.is(
    moves(
      ...head,
      '# the sources',
      'COPY src ./src/',
      'LABEL a=b',
      'RUN apk add --no-cache git',
      'CMD ["sh"]',
    ).candidates[0]?.text,
    textOf(
      ...head,
      'LABEL a=b',
      'RUN apk add --no-cache git',
      '# the sources',
      'COPY src ./src/',
      'CMD ["sh"]',
    ),
  );
  assert.is(
    moves(...head, 'COPY src ./src/', 'COPY a.txt ./', 'RUN apk add git').candidates[0]?.text,
    textOf(...head, 'RUN apk add git', 'COPY src ./src/', 'COPY a.txt ./'),
  );
});

test('of two that write one path, the later one stays the later', () => {
  const { candidates, refusals } = moves(...head, 'COPY a ./x', 'COPY x ./', 'RUN apk add git');
  assert.is(candidates[0]?.text, textOf(...head, 'COPY a ./x', 'RUN apk add git', 'COPY x ./'));
  assert.match(refusals.join(), 'COPY a ./x (line 3) stays above');
});

test('flags and line ends are kept', () => {
  const file = readLintFile(
    'FROM a\r\nWORKDIR /app\r\nCOPY --chown=1:1 --link . /app\r\nRUN go mod download',
    'Dockerfile',
    {},
  );
  assert.is(
    copyMoves(file).candidates[0]?.text,
    'FROM a\r\nWORKDIR /app\r\nCOPY --chown=1:1 --link go.mod go.sum /app/\r\nRUN go mod download\r\nCOPY --chown=1:1 --link . /app',
  );
});

const kept: [why: string, ...lines: string[]][] = [
  ['files of the system', 'COPY sources.list /etc/apt/', 'RUN apt-get update'],
  ['folders that packages write to', 'COPY site /var/www/html/', 'RUN apt-get install -y nginx'],
  ['a variable', 'ARG DIR', 'COPY src $DIR', 'RUN apk add git'],
  ['a package of the project', 'COPY . .', 'RUN apt-get install -y ./app.deb'],
  ['a file by redirection', 'COPY . .', 'RUN apk add $(cat list)'],
  ['a file by input', 'COPY . .', 'RUN apk add git < list'],
  ['a RUN between them', 'COPY src ./src', 'RUN make', 'RUN apk add git'],
  ['a WORKDIR between them', 'COPY src ./src', 'WORKDIR /other', 'RUN apk add git'],
  ['a volume between them', 'COPY src ./src', 'VOLUME /app/src', 'RUN apk add git'],
  ['another stage over it', 'COPY src ./src', 'COPY --from=other /x ./src/', 'RUN apk add git'],
  ['more commands', 'COPY . .', 'RUN npm ci && npm run build'],
  ['a mount of the context', 'COPY . .', 'RUN --mount=type=bind,target=/x npm ci'],
  ['a script in place of words', 'COPY . .', 'RUN <<E', 'npm ci', 'E'],
  ['manifests alone', 'COPY package.json package-lock.json ./', 'RUN npm ci'],
  ['a config that it reads', 'COPY .npmrc ./', 'RUN npm ci'],
  ['scripts that it runs', 'COPY scripts ./scripts', 'RUN npm ci'],
  ['where tools write', 'COPY vendor ./vendor', 'RUN composer install'],
  ['sources that are several', 'COPY . extra ./', 'RUN npm ci'],
  ['the root', 'COPY . /', 'RUN npm ci'],
];

for (const [why, ...lines] of kept)
  test(`nothing is moved because of ${why}`, () => {
    assert.equal(moves(...head, ...lines).candidates, []);
  });

test('nothing is moved where no WORKDIR says where files go', () => {
  assert.equal(moves('FROM registry.example.com/base', 'COPY . .', 'RUN npm ci').candidates, []);
});

test('a mark of the build is moved to its first use; another variable stays, and why is said', () => {
  const file = (...lines: string[]) => readLintFile(textOf('FROM a', ...lines), 'Dockerfile', {});
  const names = ['GIT_SHA', 'NODE_ENV'];
  const { candidates } = variableMoves(file('ARG GIT_SHA', 'RUN make', 'LABEL rev=$GIT_SHA'), names);
  assert.equal(
    candidates.map(({ text }) => text),
    [textOf('FROM a', 'RUN make', 'ARG GIT_SHA', 'LABEL rev=$GIT_SHA')],
  );
  const other = variableMoves(file('ENV NODE_ENV=production', 'RUN npm ci'), names);
  assert.equal(other.candidates, []);
  assert.match(other.refusals[0]!, 'has NODE_ENV in its environment');
  assert.equal(variableMoves(file('ARG GIT_SHA', 'RUN echo $GIT_SHA'), names).candidates, []);
  assert.equal(variableMoves(file('ARG GIT_SHA', 'RUN make'), []).candidates, []);
});

test.run();
