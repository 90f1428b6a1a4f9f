// `--progress=tty` keeps one picture of the build on the terminal, whatever its size.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readColors } from '../../src/cli/progress/colors.ts';
import { cached, done, item, log, type Played, play, started, tick } from '../support/scripted-progress.ts';
import { createTerminalScreen } from '../support/terminal-screen.ts';

const test = suite('cli/tty-progress');

/** The screen after the first `count` writes. */
function screen(played: Played, count = played.writes.length, size = { columns: 80, rows: 24 }): string[] {
  const terminal = createTerminalScreen(size.columns, size.rows);
  for (const text of played.writes.slice(0, count)) terminal.write(text);
  return terminal.lines();
}

test('the last picture has every step with its outcome and time at the right', () => {
  const played = play(
    'tty',
    [
      started(0, 'a', '[1/3] FROM busybox'),
      cached(0, 'a'),
      done(0, 'a'),
      started(0, 'b', '[2/3] RUN make'),
      log(500, 'b', 'working\n'),
      done(1500, 'b'),
      started(1500, 'c', '[3/3] RUN false'),
      started(1500, 'd', '[other 1/1] RUN sleep 9'),
      done(3200, 'c', { error: 'exit code 1' }),
      done(3200, 'd', { canceled: true }),
    ],
    { outcome: { status: 'failed' }, columns: 50 },
  );
  assert.equal(screen(played, undefined, { columns: 50, rows: 24 }), [
    '[+] Building 3.2s (4/4) FAILED',
    ' => CACHED [1/3] FROM busybox                0.0s',
    ' => [2/3] RUN make                           1.5s',
    ' => ERROR [3/3] RUN false                    1.7s',
    ' => CANCELED [other 1/1] RUN sleep 9         1.7s',
    '',
  ]);
  assert.ok(played.stopped);
});

test('a running step shows its last lines and its downloads', () => {
  const played = play('tty', [
    started(0, 'a', 'RUN make'),
    log(10, 'a', `${Array.from({ length: 20 }, (_, i) => `line ${i}\n`).join('')}half`),
    item(20, 'a', 'sha256:abc', [500_000, 1_000_000]),
    item(20, 'a', 'sha256:def', [0, 10]),
    item(30, 'a', 'sha256:def', [10, 10], true),
    tick(1020),
  ]);
  assert.equal(
    screen(played, played.writes.length - 1).map((line) => line.replace(/ {2,}/g, '  ')),
    [
      '[+] Building 1.0s (0/1)',
      ' => RUN make  1.0s',
      ' => => sha256:abc  [==========>  ] 500.00kB / 1.00MB  1.0s',
      ...[15, 16, 17, 18, 19].map((n) => ` => => # line ${n}`),
      ' => => # half',
      '',
    ],
  );
});

test('pictures come at most ten times a second', () => {
  const script = Array.from({ length: 1000 }, (_, i) => log(i, 'a', 'x\n'));
  const { writes } = play('tty', [started(0, 'a'), ...script]);
  assert.ok(writes.length <= 12, `${writes.length} pictures`);
});

test('no picture is wider or higher than the terminal, until the last one', () => {
  const size = { columns: 30, rows: 8 };
  const names = Array.from({ length: 30 }, (_, i) => `s${i}`);
  const played = play(
    'tty',
    [
      ...names.map((id, i) => started(i * 200, id, `[${i}/30] RUN ${'界'.repeat(40)} e\u0301`)),
      ...names.slice(0, 25).map((id, i) => done(6000 + i * 200, id)),
      log(12_000, 's29', `${'long '.repeat(50)}\nmore\n`),
      tick(13_000),
    ],
    size,
  );
  const terminal = createTerminalScreen(size.columns, size.rows);
  for (const text of played.writes.slice(0, -1)) {
    // Wide characters take two columns; the screen of this test counts characters.
    terminal.write(text.replaceAll('界', '##').replaceAll('\u0301', ''));
    assert.ok(terminal.lines().length <= size.rows, terminal.lines().join('\n'));
  }
  const running = terminal.lines().join('\n');
  assert.match(running, '[29/30]');
  assert.match(running, '(25/30)');
  terminal.write(played.writes.at(-1)!.replaceAll('界', '##').replaceAll('\u0301', ''));
  assert.is(terminal.lines().filter((line) => line.startsWith(' => [')).length, 30);
});

test('colours only where they are wanted', () => {
  const script = [started(0, 'a'), done(1, 'a', { error: 'x' })];
  assert.not.match(play('tty', script).text, /\x1b\[\d*m/);
  assert.match(play('tty', script, { color: true }).text, '\x1b[31m => ERROR a');
  const colors = readColors('run=light-green:error=1,2,3:warning=yellow');
  assert.match(play('tty', script, { color: true, colors }).text, '\x1b[38;2;1;2;3m => ERROR a');
});

test('names and output steer no terminal', () => {
  const played = play('tty', [
    started(0, 'a', 'RUN \x1b[5Aecho \x1b]0;t\x07'),
    log(150, 'a', '\x1b[2J\x1b[H gotcha \x08\n'),
    item(300, 'a', 'it\x1b[3Aem', [1]),
    tick(500),
  ]);
  assert.match(screen(played, played.writes.length - 1).join('\n'), '#  gotcha ^H');
});

test('a build without events leaves the terminal alone but for the summary', () => {
  assert.is(play('tty', [], { outcome: { status: 'done', summary: 'built x' } }).text, 'built x\n');
});

test('colours that are none are an error', () => {
  assert.equal(readColors(undefined), readColors(''));
  assert.is(readColors('RUN=Default').run, '39');
  for (const wrong of ['run', 'rum=red', 'run=reed', 'run=1,2', 'run=1,2,256', 'run=red=blue']) {
    assert.throws(() => readColors(wrong), /BUILDKIT_COLORS has/, wrong);
  }
});

test.run();
