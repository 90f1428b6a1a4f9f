// What the environment says of OpenTelemetry (its specification, "Environment Variable Specification", "OTLP Exporter Configuration").
// It is set for all programs of a pipeline: what is not understood is never an error here.

type Environment = Readonly<Record<string, string | undefined>>;

export type OtelSettings =
  | { type: 'off' }
  /** Something is asked for that can't be done. */
  | { type: 'refused'; message: string; hint: string }
  | { type: 'on'; protocol: 'http/protobuf' | 'http/json'; endpoint: string };

const defaultEndpoint = 'http://localhost:4318/v1/traces';

export function readOtelSettings(env: Environment): OtelSettings {
  const get = (name: string): string | undefined => env[name]?.trim() || undefined;
  const own = get('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT');
  const general = get('OTEL_EXPORTER_OTLP_ENDPOINT');
  const exporters = get('OTEL_TRACES_EXPORTER')
    ?.split(',')
    .map((one) => one.trim());
  if (get('OTEL_SDK_DISABLED')?.toLowerCase() === 'true' || exporters?.includes('none'))
    return { type: 'off' };
  if (!own && !general && !exporters) return { type: 'off' };
  if (exporters && !exporters.includes('otlp')) {
    return {
      type: 'refused',
      message: `OTEL_TRACES_EXPORTER=${exporters.join(',')} is not supported`,
      hint: 'set OTEL_TRACES_EXPORTER=otlp, or none',
    };
  }
  const protocol =
    get('OTEL_EXPORTER_OTLP_TRACES_PROTOCOL') ?? get('OTEL_EXPORTER_OTLP_PROTOCOL') ?? 'http/protobuf';
  if (protocol !== 'http/protobuf' && protocol !== 'http/json') {
    return {
      type: 'refused',
      message: `the OTLP protocol ${JSON.stringify(protocol)} is not supported`,
      hint: 'set OTEL_EXPORTER_OTLP_TRACES_PROTOCOL=http/protobuf, and OTEL_EXPORTER_OTLP_TRACES_ENDPOINT to where the collector takes HTTP: http://HOST:4318/v1/traces',
    };
  }
  const endpoint = own ?? (general ? `${general.replace(/\/$/, '')}/v1/traces` : defaultEndpoint);
  if (!/^https?:\/\//i.test(endpoint) || !URL.canParse(endpoint)) {
    return {
      type: 'refused',
      message: `the OTLP endpoint ${JSON.stringify(own ?? general)} is no web address`,
      hint: 'set OTEL_EXPORTER_OTLP_ENDPOINT=http://HOST:4318',
    };
  }
  return { type: 'on', protocol, endpoint };
}
