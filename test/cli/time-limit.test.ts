import { once } from 'node:events';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { limitTime } from '../../src/cli/commands/time-limit.ts';
import { createRunningSteps } from '../../src/cli/running-steps.ts';
import type { Session } from '../../src/cli/session.ts';
import { SlipwayError } from '../../src/errors.ts';

const test = suite('time limit');

function sessionOf(signal = new AbortController().signal): Session {
  return { signal, failure: { debug: false } } as unknown as Session;
}

const place = { file: 'Dockerfile', range: { start: { line: 7, column: 1 }, end: { line: 7, column: 9 } } };

test('work that takes too long is stopped, with what it was at and the code of timeout(1)', async () => {
  const session = sessionOf();
  const running = createRunningSteps();
  session.failure.running = running.names;
  running.onEvent({ type: 'started', vertex: { id: 'a', name: 'RUN a', place }, time: 0 });
  running.onEvent({ type: 'started', vertex: { id: 'b', name: 'RUN b' }, time: 0 });
  running.onEvent({ type: 'done', id: 'b', time: 0 });
  using limit = limitTime('1ms', session);
  await once(limit.session.signal, 'abort');
  const { reason } = limit.session.signal;
  assert.instance(reason, SlipwayError);
  assert.is(reason.code, 'ERR_TIMEOUT');
  assert.match(reason.message, '--timeout=1ms allows, and was stopped while it was at RUN a (Dockerfile:7)');
  assert.not.match(reason.message, 'RUN b');
  assert.is(session.failure.errorCode, 124);
  assert.not.ok(session.signal.aborted);
});

test('without a limit, or with one of 0, the session stays as it is', () => {
  const session = sessionOf();
  for (const text of [undefined, '0', '0s', '900000h']) {
    using limit = limitTime(text, session);
    assert.is(limit.session, session);
  }
});

test('an interrupt reaches what is limited', () => {
  const controller = new AbortController();
  using limit = limitTime('1h', sessionOf(controller.signal));
  controller.abort(new Error('enough'));
  assert.is(limit.session.signal.reason.message, 'enough');
});

test('what is no time is refused', () => {
  for (const text of ['', 'soon', '-1s', '5 m'])
    assert.throws(
      () => limitTime(text, sessionOf()),
      (error: unknown) => error instanceof SlipwayError && error.code === 'ERR_USAGE',
    );
});

test('of many steps a few are named', () => {
  const running = createRunningSteps();
  for (let i = 0; i < 8; i++)
    running.onEvent({ type: 'started', vertex: { id: `${i}`, name: `step ${i}` }, time: 0 });
  assert.equal(running.names(), ['step 0', 'step 1', 'step 2', 'step 3', 'step 4', '3 more']);
});

test.run();
