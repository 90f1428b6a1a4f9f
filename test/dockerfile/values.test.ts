// The small value parsers: durations, sizes, ports, signals, modes, suggestions.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { formatDuration, parseDuration } from '../../src/dockerfile/duration.ts';
import { parsePort } from '../../src/dockerfile/expose.ts';
import { parseChmod } from '../../src/dockerfile/mode.ts';
import { parseSignal } from '../../src/dockerfile/signal.ts';
import { parseSize } from '../../src/dockerfile/size.ts';
import { nearest } from '../../src/nearest.ts';
import { throws } from './throws.ts';

const test = suite('values');

test('durations are nanoseconds', () => {
  const all = ['0', '1h0.5m2.25s', '1500us', '0h1m', '-5s', '.5s', '1.s', '3µs', '1ns'].map(parseDuration);
  assert.equal(all, [0, 3632.25e9, 1.5e6, 60e9, -5e9, 5e8, 1e9, 3000, 1]);
  throws(() => parseDuration('30'), 'ERR_SYNTAX', /missing unit/);
  for (const text of ['', 'soon', '1d', 's', '1s ', '1.2.3s', '.s', '9999999h']) {
    throws(() => parseDuration(text), 'ERR_SYNTAX');
  }
});

test('a duration is written as Go writes it', () => {
  const forms = ['0s', '1ns', '3µs', '1.5ms', '250ms', '2.25s', '1m30s', '1h0m0.5s', '36h0m5s', '-5s'];
  assert.equal(forms.map(parseDuration).map(formatDuration), forms);
  assert.is(formatDuration(290 * 365 * 24 * 3600e9), '2540400h0m0s');
});

test('sizes are bytes', () => {
  assert.equal(['0', '64m', '1.5 GiB', '2kb', '7B'].map(parseSize), [0, 64 << 20, 1610612736, 2048, 7]);
  for (const text of ['', 'm', '-1', '1x', '9999999p']) throws(() => parseSize(text), 'ERR_SYNTAX');
});

test('ports come alone, in ranges, with a protocol, and with a part for the host', () => {
  assert.equal(parsePort('080'), ['80/tcp']);
  assert.equal(parsePort('443/'), ['443/tcp']);
  assert.equal(parsePort('53/UDP'), ['53/udp']);
  assert.equal(parsePort('8000-8002/sctp'), ['8000/sctp', '8001/sctp', '8002/sctp']);
  assert.equal(parsePort('127.0.0.1:5000:5001/udp'), ['5001/udp']);
  assert.equal(parsePort('[::1]::80'), ['80/tcp']);
  assert.equal(parsePort('8080-8090:80'), ['80/tcp']);
  const bad = [
    '',
    'http',
    '80-',
    '80,81',
    '90-80',
    '70000',
    '80/icmp',
    '80/tcp/x',
    'x:80',
    '300.0.0.1:1:2',
    '1-3:4-5',
    '-1',
  ];
  for (const word of bad) throws(() => parsePort(word), 'ERR_SYNTAX', word ? new RegExp(word) : /invalid/);
});

test('signals are names, numbers and real-time names', () => {
  const all = ['SIGQUIT', 'term', '9', '99', 'RTMIN', 'SIGRTMIN+15', 'RTMAX-2', 'RTMAX'].map(parseSignal);
  assert.equal(all, [3, 15, 9, 99, 34, 49, 62, 64]);
  for (const text of ['0', '', 'SIG', 'SIGFOO', 'RTMIN+16', 'RTMAX-15', 'RTMIN-1', 'toString']) {
    throws(() => parseSignal(text), 'ERR_SYNTAX');
  }
  throws(() => parseSignal('SIGTREM'), 'ERR_SYNTAX', /did you mean SIGTERM/);
});

test('octal modes are the mode', () => {
  assert.is(parseChmod('0755').octal, 0o755);
  assert.is(parseChmod('7777').apply(0, false), 0o7777);
  for (const text of ['999', '99x', '17777', '', 'rwx', 'u=rwz', 'u', '+x,', 'u==,x']) {
    throws(() => parseChmod(text), 'ERR_SYNTAX', /invalid chmod parameter/);
  }
});

const modes: [string, number, number, number?][] = [
  ['+x', 0o600, 0o711],
  ['u=rwX,go=rX', 0o600, 0o644, 0o755],
  ['u=rwX,go=rX', 0o700, 0o755],
  ['g=u', 0o744, 0o774],
  ['a-w', 0o666, 0o444],
  ['go=', 0o777, 0o700],
  ['u+s,g+s', 0o755, 0o6755],
  ['+t', 0o755, 0o1755],
  ['o+t', 0o755, 0o755],
  ['ug=o', 0o751, 0o111],
  ['go=u-w', 0o755, 0o755],
  ['=', 0o7777, 0o1000],
];
for (const [text, before, after, dir] of modes) {
  test(`mode ${text}`, () => {
    const { octal, apply } = parseChmod(text);
    assert.is(octal, undefined);
    assert.is(apply(before, false), after);
    if (dir !== undefined) assert.is(apply(before, true), dir);
  });
}

test('the nearest word is found over swapped, lost and wrong letters, and no far one', () => {
  const words = ['COPY', 'CMD', 'ENTRYPOINT'];
  assert.equal(
    ['CPOY', 'copyy', 'ENTRYPIONT', 'CDM', 'FETCH', ''].map((word) => nearest(word, words)),
    ['COPY', 'COPY', 'ENTRYPOINT', 'CMD', undefined, undefined],
  );
});

test.run();
