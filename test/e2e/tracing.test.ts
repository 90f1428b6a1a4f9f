// A trace of a whole build: what it shows, that it is whole however the build ends, and what must not be in it.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { startSlipway } from '../support/cli.ts';
import { startOtlpReceiver } from '../support/otlp-receiver.ts';
import { readTrace, spansOf, type TraceEvent } from '../support/trace-events.ts';
import { requireWorkbench, type Workbench, workbench } from '../support/workbench.ts';

const test = suite('e2e tracing');

const named = (events: readonly TraceEvent[], name: string): TraceEvent => {
  const found = spansOf(events).find((one) => one.name === name);
  assert.ok(
    found,
    `no span ${name} in ${spansOf(events)
      .map((one) => one.name)
      .join(', ')}`,
  );
  return found;
};

const contains = (outer: TraceEvent, inner: TraceEvent): boolean =>
  outer.ts <= inner.ts && inner.ts + inner.dur <= outer.ts + outer.dur;

test('a trace shows the start of Node, the plan, each step on a lane of steps, and what it waited for', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench({ Dockerfile: 'FROM base\nCOPY a /a\nRUN cat /a\n', a: 'content' });
  const file = bench.file('trace.json');
  const built = await bench.build(['--trace', file]);
  assert.match(built.stderr, /2 ran/);
  const events = readTrace(file);
  const lane = (name: string): string =>
    String(
      events.find((one) => one.name === 'thread_name' && one.tid === named(events, name).tid)?.args['name'],
    );
  const whole = named(events, 'slipway build');
  for (const one of spansOf(events)) assert.ok(contains(whole, one), one.name);
  for (const name of [
    'node boot',
    'load program',
    'read definition',
    'parse',
    'plan',
    'solve',
    'export image',
  ])
    assert.is(lane(name), 'main', name);
  for (const name of ['[2/3] COPY a /a', '[3/3] RUN cat /a']) assert.match(lane(name), /^step \d$/, name);
  const step = named(events, '[3/3] RUN cat /a');
  assert.equal([step.args['place'], step.args['cached'], step.args['op']], ['Dockerfile:3', false, 'exec']);
  assert.match(String(step.args['key']), /^sha256:/);
  const command = named(events, 'command');
  assert.ok(contains(step, command));
  for (const name of ['memory (MiB)', 'CPU (%)', 'event loop delay (ms)'])
    assert.ok(
      events.some((one) => one.ph === 'C' && one.name === name),
      name,
    );

  const again = bench.file('again.json');
  assert.match((await bench.build([], { env: { SLIPWAY_TRACE: again } })).stderr, /2 from the cache/);
  const cached = readTrace(again);
  assert.is(named(cached, '[3/3] RUN cat /a').args['cached'], true);
  assert.not.ok(spansOf(cached).some(({ name }) => name === 'command'));
});

test('values of secrets, arguments, variables and logins are in no trace', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench({
    Dockerfile:
      'FROM base\nARG KEY\nENV OWN=$KEY\nRUN --mount=type=secret,id=token,env=TOKEN test "${#TOKEN}" = 8\nRUN false\n',
  });
  const file = bench.file('trace.json');
  await using receiver = await startOtlpReceiver();
  await bench.fail(
    ['--trace', file, '--secret=id=token,env=VALUE', '--build-arg=KEY=hidden-2', '--creds=user:hidden-3'],
    {
      env: {
        VALUE: 'hidden-1',
        OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
        OTEL_EXPORTER_OTLP_HEADERS: 'a=hidden-4',
      },
    },
  );
  const sent = JSON.stringify(receiver, (_, value) => (typeof value === 'bigint' ? Number(value) : value));
  assert.ok(receiver.spans.length > 20);
  assert.not.match(readFileSync(file, 'utf8'), 'hidden');
  assert.not.match(sent.replaceAll('"a":"hidden-4"', ''), 'hidden');
  const events = readTrace(file);
  assert.match(String(named(events, '[3/3] RUN false').args['error']), 'exit code: 1');
  assert.match(String(named(events, 'slipway build').args['error']), 'exit code: 1');
});

/** Starts a build that does not end by itself, and waits until its step runs. */
async function endless(bench: Workbench, file: string) {
  await bench.write({ Dockerfile: 'FROM base\nRUN echo it begins\nRUN echo it runs && sleep 1000\n' });
  const child = startSlipway(['build', '--progress=plain', '--trace', file, bench.base.flag, bench.context], {
    root: bench.root,
    cwd: bench.path,
  });
  const ended = new Promise<number | null>((resolve) => child.on('close', (code) => resolve(code)));
  let said = '';
  for await (const chunk of child.stderr!) {
    said += chunk;
    if (/ it runs\n/.test(said)) break;
  }
  return { child, ended };
}

test('of a build that is interrupted the trace is whole', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench();
  const file = bench.file('trace.json');
  const { child, ended } = await endless(bench, file);
  child.kill('SIGINT');
  assert.is(await ended, 130);
  const events = readTrace(file);
  assert.match(String(named(events, '[3/3] RUN echo it runs && sleep 1000').args['error']), 'interrupted');
  named(events, 'slipway build');
});

test('of a build that is killed the trace says what had been done', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench();
  const file = bench.file('trace.json');
  const { child, ended } = await endless(bench, file);
  while (!readFileSync(file, 'utf8').includes('it begins')) await pause(20);
  child.kill('SIGKILL');
  await ended;
  named(readTrace(file), '[2/3] RUN echo it begins');
});

test('steps find the trace that they are a part of in their environment, and no key depends on it', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench({ Dockerfile: 'FROM base\nRUN echo "$TRACEPARENT" > /parent\n' });
  await using receiver = await startOtlpReceiver();
  const image = await bench.image([], { env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url } });
  const [, traceID, spanID] = image.text('/parent').trim().split('-');
  const parent = receiver.spans.find((one) => one.spanID === spanID);
  assert.is(parent?.traceID, traceID);
  assert.is(parent?.attributes['slipway.category'], 'runtime');
  assert.match((await bench.build()).stderr, /1 from the cache/);
});

test('nothing is written unless it is asked for; what can not be written is said before anything is built', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench({ Dockerfile: 'FROM scratch\nWORKDIR /w\n' });
  const files = (): string[] => readdirSync(bench.path).filter((name) => /json/.test(name));
  await bench.build();
  assert.equal(files(), []);
  const missing = await bench.slipway(['build', '--trace=none/trace.json', bench.context], {
    root: bench.file('other'),
  });
  assert.is(missing.code, 2);
  assert.match(
    missing.stderr,
    /^ERROR: the trace can't be written to \S+none\/trace\.json: its folder is not there\nhint: /,
  );
  assert.not.ok(existsSync(bench.file('other')));
  const without = await bench.slipway(['build', bench.context, '--trace']);
  assert.equal([without.code, /--trace needs a value/.test(without.stderr)], [2, true]);
  const listed = await bench.slipway(['images', '--trace', 'images-%p.json']);
  assert.is(listed.code, 0, listed.stderr);
  const [written = ''] = files();
  assert.match(written, /^images-\d+\.json$/);
  named(readTrace(bench.file(written)), 'slipway images');
});

test.run();
