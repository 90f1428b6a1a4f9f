import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { throws } from '../dockerfile/throws.ts';
import { historyOf, lastRun, namesOf, planned, planOnce, verticesOf } from './plan-setup.ts';

const test = suite('plan');

test('base images that must be known are asked for at once, then no more', () => {
  const { rounds } = planned(
    'FROM a AS one\nFROM b AS two\nCOPY --from=one /x /\nFROM two\nCOPY --from=c /y /',
  );
  assert.equal(rounds, [
    ['docker.io/library/b:latest linux/amd64', 'docker.io/library/a:latest linux/amd64'],
  ]);
});

test('the image of a COPY --from is a vertex, but its config is not asked for', () => {
  const outcome = planOnce('FROM scratch\nCOPY --from=busybox /bin/sh /');
  assert.is(outcome.type, 'plan');
  assert.equal(namesOf(planned('FROM scratch\nCOPY --from=busybox /bin/sh /')), [
    'FROM docker.io/library/busybox:latest',
    '[1/1] COPY --from=busybox /bin/sh /',
  ]);
});

test('stages that the target does not need are not evaluated, nor their bases asked for', () => {
  const text = 'FROM a AS base\nFROM b AS unused\nRUN --network=host false\nFROM base AS app\nRUN x\nFROM c';
  const { rounds } = planned(text, { target: 'app' });
  assert.equal(rounds, [['docker.io/library/a:latest linux/amd64']]);
  assert.equal(planned('FROM b AS unused\nCOPY --from=none x y\nFROM scratch').rounds, []);
});

test('mounts make a stage needed; their numbers are no stages', () => {
  const { rounds } = planned('FROM a AS tools\nFROM b\nRUN --mount=type=bind,from=tools,target=/t x');
  assert.equal(rounds.flat().length, 2);
  const images = planned('FROM a\nFROM b\nRUN --mount=from=0,target=/t x');
  assert.ok(namesOf(images).includes('FROM docker.io/library/0:latest'));
});

test('a trigger may need a stage that the text does not show: a second round asks for its base', () => {
  const { rounds } = planned('FROM a AS assets\nFROM b', {
    bases: { 'docker.io/library/b:latest': { OnBuild: ['COPY --from=assets /x /'] } },
  });
  assert.equal(
    rounds.map((round) => round.map((line) => line.split(' ')[0])),
    [['docker.io/library/b:latest'], ['docker.io/library/a:latest']],
  );
});

test('the platform of FROM decides which image; variables of the platform work there', () => {
  const { rounds } = planned(
    'FROM --platform=$BUILDPLATFORM a AS x\nFROM --platform=linux/s390x b\nCOPY --from=x / /',
    {
      targetPlatform: { os: 'linux', architecture: 'arm64' },
    },
  );
  assert.equal(rounds.flat().sort(), [
    'docker.io/library/a:latest linux/amd64',
    'docker.io/library/b:latest linux/s390x',
  ]);
});

test('global ARGs name the base, and an empty name is an error that says why', () => {
  assert.equal(planned(`ARG V=1\nFROM a:\${V}`, { buildArgs: { V: '2' } }).rounds, [
    ['docker.io/library/a:2 linux/amd64'],
  ]);
  const error = throws(() => planned('ARG BASE\nFROM $BASE'), 'ERR_SYNTAX', /should not be blank/);
  assert.is(error.place?.range.start.line, 2);
  throws(() => planned('ARG P\nFROM --platform=$P a'), 'ERR_PLATFORM', /empty platform/);
});

test('steps are named and counted as BuildKit does', () => {
  const text =
    'FROM a AS build\nWORKDIR /src\nENV A=1\nCOPY . .\nRUN make  all\nFROM scratch\nCOPY --from=build /src/x /';
  assert.equal(namesOf(planned(text)), [
    '[build 1/4] FROM docker.io/library/a:latest',
    '[build 2/4] WORKDIR /src',
    '[internal] load build context',
    '[build 3/4] COPY . .',
    '[build 4/4] RUN make  all',
    '[stage-1 1/1] COPY --from=build /src/x /',
  ]);
});

test('a lone stage without a name has none in its steps; numbers line up; platforms are named where there are several', () => {
  assert.equal(namesOf(planned('FROM scratch\nWORKDIR /a')), ['[1/1] WORKDIR /a']);
  const ten = namesOf(planned(`FROM a\n${'RUN x\n'.repeat(9)}`));
  assert.match(ten[0]!, /^\[ 1\/10\] FROM/);
  assert.match(ten.at(-1)!, /^\[10\/10\] RUN/);
  const several = namesOf(planned('FROM scratch AS x\nWORKDIR /a', { multiPlatform: true }));
  assert.equal(several, ['[linux/amd64 x 1/1] WORKDIR /a']);
});

test('a step with a heredoc is named with its first line', () => {
  assert.equal(namesOf(planned('FROM scratch\nRUN <<EOF\nmake\nmake install\nEOF')), [
    '[1/1] RUN <<EOF (make)',
  ]);
});

test('equal work has one vertex, wherever it stands', () => {
  const text =
    'FROM a AS x\nRUN same\nFROM a AS y\nRUN same\nFROM scratch\nCOPY --from=x /1 /\nCOPY --from=y /2 /';
  const vertices = verticesOf(planned(text).target.vertex);
  assert.is(vertices.filter(({ op }) => op.type === 'exec').length, 1);
  assert.is(vertices.filter(({ op }) => op.type === 'image').length, 1);
});

test('what a step sees changes its vertex; comments, names and blanks do not', () => {
  const id = (text: string) => planned(text).target.vertex?.id;
  assert.is(id('FROM a AS x\n# note\nRUN  make'), id('FROM a\nRUN make'));
  assert.is.not(id('FROM a\nRUN make'), id('FROM a\nENV A=1\nRUN make'));
  assert.is.not(id('FROM a\nRUN make'), id('FROM a\nUSER x\nRUN make'));
  assert.is.not(id('FROM a\nRUN make'), id('FROM b\nRUN make'));
  assert.is(id('FROM a\nRUN make\nENV A=1'), id('FROM a\nRUN make'));
});

test('--no-cache is for all steps, --no-cache-filter for those of its stages', () => {
  const text = 'FROM a AS x\nRUN one\nFROM x AS y\nRUN two\nFROM y\nRUN three';
  const ignored = (request: object) =>
    verticesOf(planned(text, request).target.vertex)
      .filter(({ ignoreCache }) => ignoreCache)
      .map(({ name }) => name.split(' ').at(-1));
  assert.equal(ignored({ noCache: true }), ['one', 'two', 'three']);
  assert.equal(ignored({ noCacheFilter: ['Y'] }), ['two']);
  assert.equal(ignored({ noCacheFilter: ['stage-2'] }), ['three']);
  assert.equal(ignored({}), []);
});

test('build arguments that nothing takes are warned of; those that need no ARG are not', () => {
  const buildArgs = { USED: '1', GLOBAL: '1', LOST: '1', http_proxy: 'p', BUILDKIT_X: '1' };
  const { warnings } = planned('ARG GLOBAL\nFROM scratch\nARG USED', { buildArgs });
  assert.equal(
    warnings.map(({ message }) => message),
    ['[Warning] One or more build-args [LOST] were not consumed'],
  );
});

test('a build argument that nothing takes is likened to the ARGs that there are', () => {
  const { warnings } = planned('FROM scratch\nARG VERSION', { buildArgs: { VERSON: '1', OTHER: '1' } });
  assert.equal(
    warnings.map(({ message }) => message),
    ['[Warning] One or more build-args [VERSON OTHER] were not consumed: did you mean VERSION?'],
  );
});

for (const [text, message] of [
  ['ADD --keep-git-dir a /', /^ADD --keep-git-dir is for Git repositories/],
  ['ADD --keep-git-dir=true https://h.test/a.tar /', /^ADD --keep-git-dir/],
  ['ADD --unpack https://h.test/a.git /', /^ADD --unpack is for archives/],
] as const) {
  test(`${text} is warned of: BuildKit ignores the flag`, () => {
    const { warnings } = planned(`FROM scratch\n${text}`);
    assert.is(warnings.length, 1);
    assert.match(warnings[0]!.message, message);
    assert.is(warnings[0]!.place?.range.start.line, 2);
  });
}

test('flags of ADD that have something to act on are not warned of', () => {
  for (const text of [
    'ADD --keep-git-dir https://h.test/a.git a /x/',
    'ADD --keep-git-dir=false a /',
    'ADD --unpack https://h.test/a.git a.tar /x/',
    'ADD --unpack=false https://h.test/a.git /',
    'ADD --unpack https://h.test/a.tar /',
  ])
    assert.equal(planned(`FROM scratch\n${text}`).warnings, [], text);
});

test('labels of the command line go over those of the file, without a step or a line of history', () => {
  const { target } = planned('FROM scratch\nLABEL a=file b=file', { labels: { b: 'line', c: 'line' } });
  assert.equal(target.config.Labels, { a: 'file', b: 'line', c: 'line' });
  assert.is(target.history.length, 1);
});

test('security and network that were not allowed are refused at their line', () => {
  const insecure = 'FROM a\nRUN --security=insecure x';
  const error = throws(() => planned(insecure), 'ERR_NOT_ALLOWED', /--allow security.insecure/);
  assert.is(error.place?.range.start.line, 2);
  assert.is(lastRun(planned(insecure, { allow: ['security.insecure'] })).security, 'insecure');
  const host = 'FROM a\nRUN --network=host x';
  throws(() => planned(host), 'ERR_NOT_ALLOWED', /network.host/);
  assert.is(lastRun(planned(host, { allow: ['network.host'] })).network, 'host');
  assert.is(lastRun(planned(host, { network: 'host' })).network, 'host');
  assert.is(lastRun(planned('FROM a\nRUN x', { network: 'none' })).network, 'none');
});

test('--from takes no variable, no later stage and no reference that is none, each at its line', () => {
  const line = (text: string, code: 'ERR_SYNTAX' | 'ERR_UNKNOWN_STAGE' | 'ERR_BAD_REFERENCE', says: RegExp) =>
    throws(() => planned(text), code, says).place?.range.start.line;
  assert.is(line('FROM scratch\nARG X=a\nCOPY --from=$X a b', 'ERR_SYNTAX', /variable/), 3);
  assert.is(line('FROM scratch AS me\nCOPY --from=me a b', 'ERR_UNKNOWN_STAGE', /itself/), 2);
  assert.is(line('FROM scratch\nCOPY --from=5 a b', 'ERR_UNKNOWN_STAGE', /does not exist/), 2);
  assert.is(line('FROM scratch\nCOPY --from=Upper a b', 'ERR_BAD_REFERENCE', /lower case/), 2);
});

test('the target is what is planned, by its name', () => {
  assert.equal(historyOf(planned('FROM scratch AS a\nENV A=1\nFROM scratch\nENV B=1', { target: 'A' })), [
    'ENV A=1',
  ]);
  throws(() => planned('FROM scratch AS app', { target: 'ap' }), 'ERR_UNKNOWN_TARGET', /did you mean app/);
});

test('FROM scratch without a step has no vertex', () => {
  const { target } = planned('FROM scratch\nCMD ["/x"]');
  assert.is(target.vertex, undefined);
  assert.equal(target.config.Cmd, ['/x']);
});

test.run();
