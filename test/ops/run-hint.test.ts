// What is said to a command that failed, by what it ended with and its last words.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { runHint } from '../../src/ops/run-hint.ts';

const test = suite('ops/run-hint');

const hint = (command: string | string[], exitCode: number, ...tail: string[]) =>
  runHint({
    argv: typeof command === 'string' ? ['/bin/sh', '-c', command] : command,
    ...{ exitCode, tail, memoryLimitHit: false, resources: undefined },
  });

test('an image without a shell, and one without the program', () => {
  assert.match(hint('make', 127, 'exec: "/bin/sh": no such file or directory')!, /no shell .*JSON list/);
  assert.match(hint(['/tool', '-x'], 127, 'exec: "/tool": no such file or directory')!, /lacks the program/);
  assert.match(hint(['tool'], 127, 'exec: "tool": executable file not found in $PATH')!, /lacks the program/);
});

test('a JSON list with a mistake in it', () => {
  assert.match(hint("['make', 'all']", 127, '/bin/sh: [make,: not found')!, /no JSON list/);
  assert.match(hint('["make" "all"]', 127, '/bin/sh: [make: not found')!, /no JSON list/);
  assert.is(hint('[ -f /made ]', 1), undefined);
  assert.is(hint(['[', '-f', '/made', ']'], 1), undefined);
});

test('a file that may not be executed', () => {
  assert.match(hint('/start.sh', 126, '/bin/sh: /start.sh: Permission denied')!, /chmod/);
  assert.is(hint('cat /root/x', 1, "cat: can't open '/root/x': Permission denied"), undefined);
});

test('what the kernel killed', () => {
  assert.match(hint('make', 137)!, /SIGKILL/);
  const limited = { argv: ['make'], exitCode: 137, tail: [], memoryLimitHit: true };
  assert.match(runHint({ ...limited, resources: { memory: 64 << 20 } })!, /^64 MiB were not enough/);
});

test('nothing where only the output can tell', () => {
  assert.is(hint('false', 1), undefined);
  assert.is(hint('nosuch', 127, '/bin/sh: nosuch: not found'), undefined);
});

test.run();
