// The examples of docs/tracing.md run, and the lanes and spans that it tells of are there.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readOtelSettings } from '../../src/tracing/otel-settings.ts';
import { top } from '../support/cli.ts';
import { hasDockerRegistry } from '../support/docker-registry.ts';
import { startOtlpReceiver } from '../support/otlp-receiver.ts';
import { requireFeature } from '../support/require-feature.ts';
import { runExamples } from '../support/run-examples.ts';
import { readTrace, spansOf, type TraceEvent } from '../support/trace-events.ts';

const test = suite('docs/tracing.md');
const page = 'docs/tracing.md';

test('every example works: each trace can be read, and the collector gets spans', async () => {
  if (!requireFeature('docker-registry', hasDockerRegistry())) return;
  await using receiver = await startOtlpReceiver();
  const traces = new Map<string, TraceEvent[]>();
  await runExamples(
    page,
    { Dockerfile: 'FROM scratch\nCOPY a /\n', a: 'content' },
    {
      replace: { 'http://127.0.0.1:4318': receiver.url },
      after(cwd) {
        for (const name of readdirSync(cwd))
          if (name.endsWith('.trace.json')) traces.set(name.replace(/\d+/, 'N'), readTrace(join(cwd, name)));
      },
    },
  );
  assert.equal([...traces.keys()].sort(), ['again-N.trace.json', 'build.trace.json']);
  for (const events of traces.values()) assert.ok(spansOf(events).some(({ name }) => name === 'compute key'));
  assert.ok(receiver.spans.some(({ name }) => name === 'slipway build'));
  assert.is(receiver.resource['deployment.environment.name'], 'ci');
});

test('variables of the table are read here, or by the SDK', () => {
  const text = readFileSync(join(top, page), 'utf8');
  const names = [...text.matchAll(/`(OTEL_[A-Z_]+)(?:=[a-z]+)?`/g)].map(([, name]) => name!);
  assert.ok(names.includes('OTEL_EXPORTER_OTLP_TRACES_PROTOCOL'));
  const own = readFileSync(join(top, 'src/tracing/otel-settings.ts'), 'utf8');
  const passed = /HEADERS|CERTIFICATE|TIMEOUT|SERVICE_NAME|RESOURCE_ATTRIBUTES|SAMPLER/;
  for (const name of names) assert.ok(own.includes(`'${name}'`) || passed.test(name), name);
  assert.is(readOtelSettings({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' }).type, 'on');
});

test.run();
