// Sends spans through the OpenTelemetry SDK, which reads the rest of its settings (headers, certificates, batches, the sampler) from
// the environment by itself. Whatever goes wrong is told once, at the end, and never fails or holds up the work.
import type { Span as OtelSpan } from '@opentelemetry/api';
import type { SpanExporter } from '@opentelemetry/sdk-trace-base';
import { otelAttributes } from './otel-attributes.ts';
import type { OtelSettings } from './otel-settings.ts';
import type { RecordedSpan, TraceOutput } from './output.ts';
import { formatTraceParent, parseTraceParent } from './trace-parent.ts';

export interface OtelOptions {
  settings: Extract<OtelSettings, { type: 'on' }>;
  env: Readonly<Record<string, string | undefined>>;
  version: string;
  warn(message: string, hint?: string): void;
}

/** Milliseconds for what is not sent yet when the work is done, unless the environment says otherwise. */
const usualPatience = 5000;

const packages =
  '@opentelemetry/api @opentelemetry/resources @opentelemetry/sdk-trace-base @opentelemetry/exporter-trace-otlp-proto @opentelemetry/exporter-trace-otlp-http';

/** Undefined, and a warning, where the packages are missing. */
export async function createOtelOutput(options: OtelOptions): Promise<TraceOutput | undefined> {
  const { settings, env, version, warn } = options;
  const loaded = await loadPackages(settings.protocol).catch((error: unknown) => {
    const what = error instanceof Error ? error.message.split('\n')[0] : String(error);
    warn(`no trace is sent to OpenTelemetry: ${what}`, `npm install ${packages}`);
    return undefined;
  });
  if (!loaded) return undefined;
  const { api, sdk, resources, OTLPTraceExporter } = loaded;
  const given = env['OTEL_EXPORTER_OTLP_TRACES_TIMEOUT'] || env['OTEL_EXPORTER_OTLP_TIMEOUT'];
  const patience = given && Number(given) > 0 ? Number(given) : usualPatience;
  let failure: string | undefined;
  const exporter: SpanExporter = new OTLPTraceExporter();
  const noting: SpanExporter = {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        if (result.error) failure ??= result.error.message;
        done(result);
      }),
    shutdown: () => exporter.shutdown(),
    forceFlush: async () => exporter.forceFlush?.(),
  };
  const resource = resources
    .defaultResource()
    .merge(resources.resourceFromAttributes({ 'service.name': 'slipway', 'service.version': version }))
    .merge(resources.detectResources({ detectors: [resources.envDetector] }));
  // A step may end thousands of spans before the loop turns.
  const queue = env['OTEL_BSP_MAX_QUEUE_SIZE'] ? {} : { maxQueueSize: 1 << 15 };
  const delay = env['OTEL_BSP_SCHEDULE_DELAY'] ? {} : { scheduledDelayMillis: 1000 };
  const processor = new sdk.BatchSpanProcessor(noting, { ...queue, ...delay });
  const provider = new sdk.BasicTracerProvider({ resource, spanProcessors: [processor] });
  const tracer = provider.getTracer('slipway', version);

  const parent = parseTraceParent(env['TRACEPARENT']);
  const state = env['TRACESTATE'];
  const outer = parent
    ? api.trace.setSpanContext(api.ROOT_CONTEXT, {
        traceId: parent.traceID,
        spanId: parent.spanID,
        traceFlags: parent.flags,
        isRemote: true,
        ...(state ? { traceState: api.createTraceState(state) } : {}),
      })
    : api.ROOT_CONTEXT;
  const spans = new Map<RecordedSpan, OtelSpan>();

  return {
    begin(span) {
      const { parent: above, category, start } = span;
      const around = above && spans.get(above);
      const context = around ? api.trace.setSpan(api.ROOT_CONTEXT, around) : outer;
      const kind = category === 'registry' ? api.SpanKind.CLIENT : api.SpanKind.INTERNAL;
      spans.set(span, tracer.startSpan(nameOf(span), { kind, startTime: timeOf(start) }, context));
    },
    end(span) {
      const own = spans.get(span);
      if (!own) return;
      spans.delete(span);
      own.setAttributes(otelAttributes(span));
      const time = timeOf(span.end ?? span.start);
      if (span.error !== undefined) {
        const error = span.error instanceof Error ? span.error : new Error(String(span.error));
        own.recordException(error, time);
        own.setAttribute('error.type', (error as { code?: string }).code ?? error.name);
        own.setStatus({ code: api.SpanStatusCode.ERROR, message: error.message });
      }
      own.end(time);
    },
    environment(span) {
      const own = span && spans.get(span)?.spanContext();
      if (!own) return [];
      const { traceId: traceID, spanId: spanID, traceFlags: flags, traceState } = own;
      const more = traceState?.serialize();
      return [
        `TRACEPARENT=${formatTraceParent({ traceID, spanID, flags })}`,
        ...(more ? [`TRACESTATE=${more}`] : []),
      ];
    },
    async finish() {
      const sent = provider.shutdown().then(
        () => true,
        (error: unknown) => {
          failure ??= error instanceof Error ? error.message : String(error);
          return true;
        },
      );
      const inTime = await Promise.race([sent, after(patience)]);
      if (!inTime) failure ??= `no answer within ${patience / 1000} s`;
      if (failure !== undefined) {
        warn(`the trace, or a part of it, did not reach ${shown(settings.endpoint)}: ${failure}`);
      }
    },
  };
}

/** Requests are few by their methods, many by their paths. */
const nameOf = ({ category, name, args }: RecordedSpan): string =>
  category === 'registry' && typeof args['method'] === 'string' ? args['method'] : name;

/** Seconds and nanoseconds since 1970. */
function timeOf(milliseconds: number): [number, number] {
  const micros = Math.round((performance.timeOrigin + milliseconds) * 1000);
  return [Math.floor(micros / 1e6), (micros % 1e6) * 1000];
}

const after = (milliseconds: number): Promise<false> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds, false));

function shown(endpoint: string): string {
  const { origin, pathname } = new URL(endpoint);
  return origin + pathname;
}

async function loadPackages(protocol: 'http/protobuf' | 'http/json') {
  const [api, sdk, resources, { OTLPTraceExporter }] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/sdk-trace-base'),
    import('@opentelemetry/resources'),
    protocol === 'http/json'
      ? import('@opentelemetry/exporter-trace-otlp-http')
      : import('@opentelemetry/exporter-trace-otlp-proto'),
  ]);
  return { api, sdk, resources, OTLPTraceExporter };
}
