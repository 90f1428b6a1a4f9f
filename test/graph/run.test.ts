import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { historyOf, lastRun, type PlanRequest, planned } from './plan-setup.ts';

const test = suite('run');
const run = (line: string, request: PlanRequest = {}) => lastRun(planned(`FROM a\n${line}`, request));

test('a lone heredoc is the script of the shell, its quotes kept', () => {
  assert.equal(run('RUN <<EOF\necho "$A"\nls\nEOF').argv, ['/bin/sh', '-c', 'echo "$A"\nls\n']);
  assert.equal(run('RUN <<"EOF"\necho\nEOF').argv, ['/bin/sh', '-c', 'echo\n']);
});

test('a heredoc with a shebang is a program of its own', () => {
  const { argv, script } = run('RUN <<EOF\n#!/usr/bin/env python3\nprint(1)\nEOF');
  assert.equal(argv, ['/dev/pipes/EOF']);
  assert.equal(script, { name: 'EOF', data: '#!/usr/bin/env python3\nprint(1)\n' });
});

test('the history says of a program of its own that the shell starts it, as BuildKit does', () => {
  const text = 'FROM a\nSHELL ["/bin/ash", "-ec"]\nRUN <<EOF\n#!/bin/cat\nEOF';
  assert.is(historyOf(planned(text)).at(-1), 'RUN /bin/ash -ec /dev/pipes/EOF # buildkit');
});

test('heredocs of a command stay where the shell finds them, in order', () => {
  assert.is(run('RUN cat <<A - <<B\n1\nA\n2\nB').argv[2], 'cat <<A - <<B\n1\nA\n2\nB');
});

test('mounts become inputs of the step, behind its root', () => {
  const text =
    'FROM b AS tools\nFROM a\nRUN --mount=from=tools,target=/t --mount=type=cache,target=/c --mount=target=/s x';
  const { mounts, vertex } = lastRun(planned(text));
  assert.equal(
    mounts.map((mount) => [mount.type, 'input' in mount ? mount.input : undefined]),
    [
      ['bind', 1],
      ['cache', undefined],
      ['bind', 2],
    ],
  );
  assert.equal(
    vertex.inputs.map((input) => input?.op.type),
    ['image', 'image', 'context'],
  );
});

test('a cache has the namespace of the build in front of its id', () => {
  const ids = (buildArgs: Record<string, string>) =>
    run('RUN --mount=type=cache,id=x,target=/c y', { buildArgs }).mounts.map(
      (mount) => 'id' in mount && mount.id,
    );
  assert.equal(ids({}), ['x']);
  assert.equal(ids({ BUILDKIT_CACHE_MOUNT_NS: 'ns' }), ['ns/x']);
});

test('an empty root may be mounted', () => {
  const { mounts } = run('RUN --mount=from=scratch,target=/e x');
  assert.is(mounts[0]?.type === 'bind' && mounts[0].input, undefined);
});

test.run();
