import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { ContainerConfig } from '../../src/oci/config.ts';
import { throws } from '../dockerfile/throws.ts';
import { historyOf, lastRun, namesOf, planned } from './plan-setup.ts';

const test = suite('metadata');
const full: ContainerConfig = {
  Env: ['PATH=/bin', 'A=1'],
  Cmd: ['base'],
  Entrypoint: ['/entry'],
  User: 'app',
  WorkingDir: '/app',
  Labels: { a: '1' },
  ExposedPorts: { '80/tcp': {} },
  Volumes: { '/data': {} },
  StopSignal: 'SIGINT',
  Shell: ['/bin/bash', '-c'],
};
const bases = { 'docker.io/library/a:latest': full };
const config = (text: string) => planned(`FROM a\n${text}`, { bases }).target.config;
const history = (text: string) => historyOf(planned(`FROM scratch\n${text}`));

test('an image keeps what its base says, and adds to it', () => {
  assert.equal(config('LABEL b=2\nEXPOSE 53/udp\nVOLUME /more\nENV B=2'), {
    ...full,
    OnBuild: null,
    Env: ['PATH=/bin', 'A=1', 'B=2'],
    Labels: { a: '1', b: '2' },
    ExposedPorts: { '80/tcp': {}, '53/udp': {} },
    Volumes: { '/data': {}, '/more': {} },
  });
  assert.equal(full.Labels, { a: '1' });
});

test('a stage does not change the stage that it stands on', () => {
  const text = 'FROM scratch AS p\nLABEL a=1\nFROM p AS q\nLABEL b=2\nUSER x\nFROM p\nCOPY --from=q / /';
  assert.equal(planned(text).target.config.Labels, { a: '1' });
  assert.is(planned(text).target.config.User, undefined);
});

test("ENTRYPOINT clears the base's CMD, and not one of this stage", () => {
  assert.is(config('ENTRYPOINT ["x"]').Cmd, null);
  assert.equal(config('CMD ["own"]\nENTRYPOINT ["x"]').Cmd, ['own']);
  assert.equal(config('CMD ["own"]').Entrypoint, ['/entry']);
});

test('a shell form is run by the shell in force, also by that of the base', () => {
  assert.equal(config('CMD make  all').Cmd, ['/bin/bash', '-c', 'make  all']);
  assert.equal(config('SHELL ["/bin/zsh", "-x"]\nENTRYPOINT a').Entrypoint, ['/bin/zsh', '-x', 'a']);
  assert.equal(planned('FROM scratch\nCMD a').target.config.Cmd, ['/bin/sh', '-c', 'a']);
  assert.equal(lastRun(planned('FROM a\nRUN ["a", "$B"]', { bases })).argv, ['a', '$B']);
});

test('WORKDIR joins relative paths, keeps absolute ones as they are written, and starts from the base', () => {
  assert.is(config('WORKDIR b').WorkingDir, '/app/b');
  assert.is(config('WORKDIR ../../..').WorkingDir, '/');
  assert.is(config('WORKDIR /x//y/').WorkingDir, '/x//y/');
  assert.is(config('WORKDIR /x\nWORKDIR $A/z').WorkingDir, '/x/1/z');
});

test('WORKDIR makes its folder as a step, for the user in force; the root needs none', () => {
  const { target } = planned('FROM scratch\nUSER app\nWORKDIR /x//y/');
  assert.equal(target.vertex?.op, { type: 'mkdir', path: '/x/y', user: 'app' });
  assert.is(planned('FROM scratch\nWORKDIR /').target.vertex, undefined);
});

test('steps run where WORKDIR says and as USER says', () => {
  const { cwd, user } = lastRun(planned('FROM a\nRUN x', { bases }));
  assert.equal([cwd, user], ['/app', 'app']);
});

test('HEALTHCHECK holds durations in nanoseconds, or NONE', () => {
  assert.equal(config('HEALTHCHECK --interval=1m --timeout=2s --retries=3 CMD ["x"]').Healthcheck, {
    Test: ['CMD', 'x'],
    Interval: 60e9,
    Timeout: 2e9,
    Retries: 3,
  });
  assert.equal(config('HEALTHCHECK CMD x y').Healthcheck, { Test: ['CMD-SHELL', 'x y'] });
  assert.equal(config('HEALTHCHECK NONE').Healthcheck, { Test: ['NONE'] });
});

test('ports may be ranges and have variables, and are TCP unless they say', () => {
  assert.equal(
    Object.keys(planned('FROM scratch\nENV P=81\nEXPOSE 80 $P/udp 90-91').target.config.ExposedPorts!),
    ['81/udp', '80/tcp', '90/tcp', '91/tcp'],
  );
});

test('what can not be is refused at its line', () => {
  const line = (text: string) =>
    throws(() => planned(`FROM scratch\n${text}`), 'ERR_SYNTAX').place?.range.start.line;
  assert.is(line('STOPSIGNAL NOPE'), 2);
  assert.is(line('ENV A=\nVOLUME $A'), 3);
  assert.is(line('EXPOSE x'), 2);
});

test('the history says what BuildKit says', () => {
  const lines: [string, string][] = [
    [
      'HEALTHCHECK CMD true "a b"',
      `HEALTHCHECK &{["CMD-SHELL" "true \\"a b\\""] "0s" "0s" "0s" "0s" '\\x00'}`,
    ],
    [
      'HEALTHCHECK --interval=5s --timeout=1m30s --start-period=1500ms --retries=3 CMD ["true"]',
      `HEALTHCHECK &{["CMD" "true"] "5s" "1m30s" "1.5s" "0s" '\\x03'}`,
    ],
    ['HEALTHCHECK NONE', `HEALTHCHECK &{["NONE"] "0s" "0s" "0s" "0s" '\\x00'}`],
    ['ENV A=1 B="2 3"', 'ENV A=1 B=2 3'],
    ['LABEL a="b c"', 'LABEL a=b c'],
    ['CMD ["a", "b c"]', 'CMD ["a" "b c"]'],
    ['CMD a  b', 'CMD ["/bin/sh" "-c" "a  b"]'],
    ['ENTRYPOINT ["a"]', 'ENTRYPOINT ["a"]'],
    ['SHELL ["/bin/bash", "-c"]', 'SHELL [/bin/bash -c]'],
    ['EXPOSE 80 443/udp', 'EXPOSE [443/udp 80/tcp]'],
    ['EXPOSE 9-11 8 10', 'EXPOSE [10/tcp 8/tcp 9/tcp 10/tcp 11/tcp]'],
    ['ARG "Q"=1 $V', 'ARG "Q"=1 $V'],
    ['VOLUME /a /b', 'VOLUME [/a /b]'],
    ['USER app:app', 'USER app:app'],
    ['STOPSIGNAL SIGINT', 'STOPSIGNAL SIGINT'],
    ['MAINTAINER me', 'MAINTAINER me'],
    ['ARG A=1', 'ARG A=1'],
    ['WORKDIR /a', 'WORKDIR /a'],
    ['RUN a  b', 'RUN /bin/sh -c a  b # buildkit'],
    ['RUN ["a", "b c"]', 'RUN a b c # buildkit'],
    ['COPY --from=x --chown=1:2 --chmod=644 a b /c/', 'COPY --chown=1:2 --chmod=644 a b /c/ # buildkit'],
    ['ADD --link a b', 'ADD a b # buildkit'],
    ['COPY <<EOF /x\nhi\nEOF', 'COPY <<EOF /x # buildkit'],
  ];
  for (const [line, says] of lines) assert.equal(history(line), [says]);
});

test('what makes a layer has a vertex in the history, all else is an empty layer', () => {
  const { target } = planned('FROM scratch\nWORKDIR /a\nENV A=1\nCOPY a b\nWORKDIR /');
  assert.equal(
    target.history.map(({ entry, vertex }) => [entry.empty_layer ?? false, vertex !== undefined]),
    [
      [false, true],
      [true, false],
      [false, true],
      [true, false],
    ],
  );
});

test('MAINTAINER is the author of the image', () => {
  assert.is(planned('FROM scratch\nMAINTAINER me <me@example.com>').target.author, 'me <me@example.com>');
});

test('an ONBUILD is kept for whoever builds on the image: it is no step and no history here', () => {
  const result = planned('FROM scratch\nONBUILD RUN $X\nONBUILD COPY a b');
  assert.equal(result.target.config.OnBuild, ['RUN $X', 'COPY a b']);
  assert.equal([historyOf(result), namesOf(result)], [[], []]);
});

test('the shell may be an empty word, as in BuildKit: it is for the runtime to refuse', () => {
  assert.equal(planned('FROM scratch\nSHELL [""]\nCMD x').target.config.Cmd, ['', 'x']);
});

test.run();
