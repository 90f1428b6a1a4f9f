// `--progress=plain` tells what happens in the order in which it happens.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { cached, done, item, log, play, start, started, tick } from '../support/scripted-progress.ts';

const test = suite('cli/plain-progress');

const lines = (...all: string[]) => all.map((line) => `${line}\n`).join('');

test('steps are numbered in order of start, and each is told with its lines and its time', () => {
  const { text, stopped } = play(
    'plain',
    [
      started(0, 'x', '[internal] load build definition from Dockerfile'),
      item(0, 'x', 'transferring dockerfile:', [100], true),
      done(20, 'x'),
      started(30, 'a', '[1/2] FROM busybox'),
      cached(30, 'a'),
      done(30, 'a'),
      started(40, 'b', '[2/2] RUN make'),
      log(163, 'b', 'line of out'),
      log(170, 'b', 'put\nand more\n'),
      log(12_340, 'b', 'the end', 'stderr'),
      done(12_540, 'b'),
    ],
    { outcome: { status: 'done', summary: 'built it' } },
  );
  assert.is(
    text,
    lines(
      '#1 [internal] load build definition from Dockerfile',
      '#1 transferring dockerfile: 100B 0.0s done',
      '#1 DONE 0.0s',
      '',
      '#2 [1/2] FROM busybox',
      '#2 CACHED',
      '',
      '#3 [2/2] RUN make',
      '#3 0.130 line of output',
      '#3 0.130 and more',
      '#3 12.50 the end',
      '#3 DONE 12.5s',
      '',
      'built it',
    ),
  );
  assert.ok(stopped);
});

test('a step that failed and those stopped because of it are told apart', () => {
  const { text } = play(
    'plain',
    [
      started(0, 'a', 'RUN false'),
      started(0, 'b', 'RUN sleep 9'),
      done(100, 'a', { error: 'exit code 1' }),
      done(110, 'b', { canceled: true, error: 'aborted' }),
    ],
    { outcome: { status: 'failed' } },
  );
  assert.is(text, lines('#1 RUN false', '#1 ERROR: exit code 1', '', '#2 RUN sleep 9', '#2 CANCELED', ''));
});

test('a step waits while another prints, and its lines come when that one is done', () => {
  const { text } = play('plain', [
    started(0, 'a'),
    log(10, 'a', 'a1\n'),
    started(20, 'b'),
    log(30, 'b', 'b1\n'),
    log(40, 'a', 'a2\n'),
    done(50, 'a'),
    done(60, 'b'),
  ]);
  assert.is(
    text,
    lines(
      '#1 a',
      '#1 0.010 a1',
      '#1 0.040 a2',
      '#1 DONE 0.1s',
      '',
      '#2 b',
      '#2 0.010 b1',
      '#2 DONE 0.0s',
      '',
    ),
  );
});

test('a step interrupts one that has been silent, and the heading is repeated', () => {
  const { text } = play('plain', [
    started(0, 'a'),
    started(10, 'b'),
    log(20, 'b', 'b1\n'),
    tick(1000),
    log(1500, 'b', 'b2\n'),
    log(3000, 'a', 'a1\n'),
    done(3010, 'a'),
    done(3020, 'b'),
  ]);
  assert.is(
    text,
    lines(
      '#1 a',
      '#1 ...',
      '',
      '#2 b',
      '#2 0.010 b1',
      '#2 1.490 b2',
      '#2 ...',
      '',
      '#1 a',
      '#1 3.000 a1',
      '#1 DONE 3.0s',
      '',
      '#2 b',
      '#2 DONE 3.0s',
      '',
    ),
  );
});

test('a step that never stops printing keeps another waiting for three seconds at most', () => {
  const busy = Array.from({ length: 50 }, (_, i) => log(i * 100, 'a', `a${i}\n`));
  const waiting = [started(0, 'a'), started(50, 'b'), log(60, 'b', 'b1\n')];
  const script = [...waiting, ...busy].sort((one, two) => one.time - two.time);
  const ringing = play('plain', [...script.filter((event) => event.time < start + 3100), tick(3100)]).text;
  assert.match(ringing, '#1 3.000 a30\n#1 ...\n\n#2 b\n#2 0.010 b1\n');
  const told = play('plain', [...script, log(4950, 'b', 'b2\n')]).text;
  assert.match(told, '#1 4.900 a49\n#1 ...\n\n#2 b\n#2 0.010 b1\n#2 4.900 b2\n');
});

test('a step that waits does not pile up lines without bound', () => {
  const many = Array.from({ length: 500 }, (_, i) => log(10, 'b', `b${i}\n`));
  const { writes } = play('plain', [started(0, 'a'), started(0, 'b'), ...many, tick(20)]);
  assert.ok(writes.some((text) => text.includes('b150') && !text.includes('b499')));
});

test('what a download says is thinned out', () => {
  const steps = Array.from({ length: 1000 }, (_, i) =>
    item(i * 10, 'a', 'sha256:abc', [i * 1000, 1_000_000]),
  );
  const { text } = play('plain', [
    started(0, 'a'),
    ...steps,
    item(10_000, 'a', 'sha256:abc', [1_000_000, 1_000_000], true),
    done(10_000, 'a'),
  ]);
  const told = text.split('\n').filter((line) => line.includes('sha256:abc'));
  assert.ok(told.length > 5 && told.length <= 25, `${told.length} lines`);
  assert.is(told[0], '#1 sha256:abc 0B / 1.00MB');
  assert.is(told.at(-1), '#1 sha256:abc 1.00MB / 1.00MB 10.0s done');
});

test('names and output steer no terminal', () => {
  const { text } = play(
    'plain',
    [
      started(0, 'a', 'RUN \x1b]0;owned\x07echo\nx'),
      log(0, 'a', '\x1b[2J\x1b[31mred\x1b[0m \x07bell\n'),
      done(0, 'a', { error: 'bad\x1b[1A' }),
    ],
    { outcome: { status: 'done', summary: 'x\x1b[31m' } },
  );
  assert.not(/[\0-\x09\x0b-\x1f]/.test(text));
  assert.match(text, '#1 RUN echo x\n#1 0.000 red ^Gbell\n#1 ERROR: bad\n');
});

test('warnings come at the end, each once', () => {
  const warning = {
    type: 'warning',
    message: 'one is obsolete',
    hint: 'use two',
    place: { file: 'Dockerfile', range: { start: { line: 3, column: 1 }, end: { line: 3, column: 9 } } },
    time: start,
  } as const;
  const { text } = play('plain', [
    warning,
    warning,
    { ...warning, message: 'other', hint: undefined, place: undefined },
  ]);
  assert.is(text, lines('', '2 warnings:', ' - one is obsolete (Dockerfile:3)', '   use two', ' - other'));
});

test('events of unknown steps, and after the end of a step, are not shown', () => {
  const { text } = play('plain', [
    log(0, 'no', 'x\n'),
    started(0, 'a'),
    done(0, 'a'),
    log(1, 'a', 'late\n'),
    done(2, 'a'),
  ]);
  assert.is(text, lines('#1 a', '#1 DONE 0.0s', ''));
});

test('quiet and none tell nothing', () => {
  for (const mode of ['quiet', 'none'] as const) {
    assert.is(
      play(mode, [started(0, 'a'), log(0, 'a', 'x\n'), done(1, 'a')], {
        outcome: { status: 'done', summary: 's' },
      }).text,
      '',
    );
  }
});

test.run();
