// What the environment asks for, and what of a parent is taken.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { otelAttributes } from '../../src/tracing/otel-attributes.ts';
import { readOtelSettings } from '../../src/tracing/otel-settings.ts';
import { formatTraceParent, parseTraceParent } from '../../src/tracing/trace-parent.ts';

const test = suite('tracing/otel-settings');

const endpointOf = (env: Record<string, string>): string | undefined => {
  const settings = readOtelSettings(env);
  return settings.type === 'on' ? settings.endpoint : undefined;
};

test('nothing is sent unless an endpoint or an exporter is named; disabled wins', () => {
  assert.equal(readOtelSettings({}), { type: 'off' });
  assert.equal(readOtelSettings({ OTEL_EXPORTER_OTLP_ENDPOINT: ' ' }), { type: 'off' });
  const on = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318' };
  assert.equal(readOtelSettings({ ...on, OTEL_SDK_DISABLED: 'TRUE' }), { type: 'off' });
  assert.equal(readOtelSettings({ ...on, OTEL_TRACES_EXPORTER: 'none' }), { type: 'off' });
  assert.equal(readOtelSettings(on), {
    type: 'on',
    protocol: 'http/protobuf',
    endpoint: 'http://c:4318/v1/traces',
  });
});

test('the endpoint for traces is taken as it is, the general one with the path of traces', () => {
  assert.is(endpointOf({ OTEL_EXPORTER_OTLP_ENDPOINT: 'https://c/otlp/' }), 'https://c/otlp/v1/traces');
  const both = {
    OTEL_EXPORTER_OTLP_ENDPOINT: 'https://c',
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://d/x',
  };
  assert.is(endpointOf(both), 'https://d/x');
  assert.is(endpointOf({ OTEL_TRACES_EXPORTER: 'otlp' }), 'http://localhost:4318/v1/traces');
});

test('what can not be spoken is refused with a remedy', () => {
  const refused = readOtelSettings({
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4317',
    OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
  });
  assert.is(refused.type, 'refused');
  assert.match(refused.type === 'refused' ? refused.hint : '', 'http/protobuf');
  const own = { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc', OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/json' };
  assert.is(readOtelSettings({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c', ...own }).type, 'on');
});

test('a parent is read as it is written, and what is none is passed over', () => {
  const text = `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`;
  const parent = parseTraceParent(text)!;
  assert.equal(parent, { traceID: '1'.repeat(32), spanID: '2'.repeat(16), flags: 1 });
  assert.is(formatTraceParent(parent), text);
  assert.ok(parseTraceParent(`01-${'1'.repeat(32)}-${'2'.repeat(16)}-00-more`));
  const none = [
    undefined,
    '',
    'x',
    `ff${text.slice(2)}`,
    `${text}-more`,
    `00-${'0'.repeat(32)}-${'2'.repeat(16)}-01`,
  ];
  for (const one of none) assert.is(parseTraceParent(one), undefined);
});

test('what has a name in the conventions has that', () => {
  const args = {
    method: 'GET',
    status: 200,
    host: '[::1]:5000',
    place: 'a/Dockerfile:12',
    bytes: 5,
    none: undefined,
  };
  assert.equal(otelAttributes({ category: 'registry', args }), {
    'slipway.category': 'registry',
    'http.request.method': 'GET',
    'http.response.status_code': 200,
    'server.address': '[::1]',
    'server.port': 5000,
    'code.file.path': 'a/Dockerfile',
    'code.line.number': 12,
    'slipway.bytes': 5,
  });
});

test.run();
