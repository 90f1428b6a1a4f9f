// Spans reach a collector in both forms of OTLP over HTTP, and whatever is wrong with it, the build is none the worse.
import { cpSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { slipway, top } from '../support/cli.ts';
import { type OtlpReceiver, startOtlpReceiver } from '../support/otlp-receiver.ts';
import { type CommandResult, runCommand } from '../support/run-command.ts';
import { tempDir } from '../support/temp-dir.ts';

type Environment = Record<string, string | undefined>;

const test = suite('tracing/otel');

/** Builds a context of one file; each build is a new state folder. */
async function build(
  env: Environment,
  dockerfile = 'FROM scratch\nARG TOKEN\nCOPY a /a\n',
): Promise<CommandResult> {
  await using dir = await tempDir();
  await mkdir(dir.file('context'));
  writeFileSync(dir.file('context/Dockerfile'), dockerfile);
  writeFileSync(dir.file('context/a'), 'content');
  return await slipway(['build', '--progress=plain', '--build-arg=TOKEN=hidden', dir.file('context')], {
    root: dir.file('state'),
    env,
  });
}

const traceID = 'a'.repeat(32);
const parentID = 'b'.repeat(16);

function checkTree({ spans }: OtlpReceiver): void {
  const ids = new Set(spans.map(({ spanID }) => spanID));
  assert.is(ids.size, spans.length);
  for (const one of spans) {
    assert.ok(one.end >= one.start, one.name);
    assert.is(one.traceID, spans[0]!.traceID);
  }
  const roots = spans.filter((one) => !ids.has(one.parentID));
  assert.equal(
    roots.map(({ name }) => name),
    ['slipway build'],
  );
}

for (const protocol of ['http/protobuf', 'http/json']) {
  test(`${protocol}: a build is a tree of spans below the pipeline's own, with what is known of each step`, async () => {
    await using receiver = await startOtlpReceiver();
    const done = await build({
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
      OTEL_EXPORTER_OTLP_HEADERS: 'x-token=abc',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=ci',
      TRACEPARENT: `00-${traceID}-${parentID}-01`,
      TRACESTATE: 'a=b',
    });
    assert.is(done.code, 0, done.stderr);
    assert.not.match(done.stderr, /^warning: /m);
    const [request] = receiver.requests;
    assert.is(request?.path, '/v1/traces');
    assert.is(request?.headers['x-token'], 'abc');
    assert.is(receiver.resource['service.name'], 'slipway');
    assert.is(receiver.resource['deployment.environment.name'], 'ci');
    checkTree(receiver);
    const { spans } = receiver;
    const find = (name: string) => spans.find((one) => one.name === name)!;
    assert.is(find('slipway build').traceID, traceID);
    assert.is(find('slipway build').parentID, parentID);
    const step = find('[1/1] COPY a /a');
    assert.is(step.attributes['code.file.path'], 'Dockerfile');
    assert.is(step.attributes['code.line.number'], 3);
    assert.is(step.attributes['slipway.cached'], false);
    assert.match(String(step.attributes['slipway.key']), /^sha256:/);
    assert.is(find('run copy').parentID, step.spanID);
    assert.not.match(
      JSON.stringify([spans, receiver.resource], (_, value) => (typeof value === 'bigint' ? 0 : value)),
      'hidden',
    );
  });
}

test('a failure is an exception and a status on every span that it went through', async () => {
  await using receiver = await startOtlpReceiver();
  const env = { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${receiver.url}/own`, OTEL_SERVICE_NAME: 'images' };
  const failed = await build(env, 'FROM scratch\nARG TOKEN\nCOPY missing /\n');
  assert.is(failed.code, 1);
  assert.is(receiver.requests[0]?.path, '/own');
  assert.is(receiver.resource['service.name'], 'images');
  checkTree(receiver);
  for (const name of ['slipway build', 'build', 'solve', '[1/1] COPY missing /']) {
    const span = receiver.spans.find((one) => one.name === name);
    assert.is(span?.status.code, 2, name);
    assert.match(span?.status.message ?? '', 'missing');
    assert.equal(
      span?.events.map((event) => event.name),
      ['exception'],
    );
    assert.match(String(span?.attributes['error.type']), /^ERR_/);
  }
});

test('no collector, one that never answers, and a protocol that is not spoken are one warning each', async () => {
  await using silent = await startOtlpReceiver({ answer: false });
  const gone = await startOtlpReceiver();
  await gone[Symbol.asyncDispose]();
  const cases: [Environment, RegExp][] = [
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: gone.url }, /did not reach http:\/\/127/],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: silent.url }, /did not reach http:\/\/127/],
    [
      { OTEL_EXPORTER_OTLP_ENDPOINT: silent.url, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
      /"grpc" is not supported/,
    ],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' }, /no web address/],
    [{ OTEL_TRACES_EXPORTER: 'console' }, /console is not supported/],
  ];
  await Promise.all(
    cases.map(async ([env, expected]) => {
      const done = await build({ ...env, OTEL_EXPORTER_OTLP_TIMEOUT: '700' });
      assert.is(done.code, 0, done.stderr);
      assert.is(done.stderr.match(/^warning: /gm)?.length, 1, done.stderr);
      assert.match(done.stderr, expected);
    }),
  );
});

test('what is switched off is not sent, and commands that are over at once send nothing', async () => {
  await using receiver = await startOtlpReceiver();
  const on = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url };
  for (const off of [{ OTEL_SDK_DISABLED: 'true' }, { OTEL_TRACES_EXPORTER: 'none' }])
    assert.is((await build({ ...on, ...off })).code, 0);
  await using dir = await tempDir();
  assert.is((await slipway(['version'], { root: dir.path, env: on })).code, 0);
  assert.is(receiver.requests.length, 0);
});

test('without the packages a warning says how to install them', async () => {
  await using dir = await tempDir();
  cpSync(join(top, 'dist/cli'), dir.file('dist/cli'), { recursive: true });
  cpSync(join(top, 'package.json'), dir.file('package.json'));
  // Hides what the folders above may have.
  await mkdir(dir.file('node_modules/@opentelemetry/api'), { recursive: true });
  writeFileSync(dir.file('node_modules/@opentelemetry/api/package.json'), '{"main":"gone.js"}');
  await mkdir(dir.file('context'));
  writeFileSync(dir.file('context/Dockerfile'), 'FROM scratch\nENV A=1\n');
  const env = { SLIPWAY_ROOT: dir.file('state'), OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' };
  const argv = [process.execPath, dir.file('dist/cli/main.js'), 'build', dir.file('context')];
  const done = await runCommand(argv, { env });
  assert.is(done.code, 0, done.stderr);
  assert.is(done.stderr.match(/^warning: /gm)?.length, 1, done.stderr);
  assert.match(done.stderr, 'hint: npm install @opentelemetry/api ');
});

test.run();
