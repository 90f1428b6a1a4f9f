// What is said of a span in OpenTelemetry's words, where it has them (semantic conventions for HTTP, code, processes), else under our name.
import type { Attributes } from '@opentelemetry/api';
import type { RecordedSpan } from './output.ts';

const conventions: Readonly<Record<string, string>> = {
  method: 'http.request.method',
  status: 'http.response.status_code',
  path: 'url.path',
  exit_code: 'process.exit.code',
};

export function otelAttributes({ category, args }: Pick<RecordedSpan, 'category' | 'args'>): Attributes {
  const attributes: Attributes = { 'slipway.category': category };
  for (const [name, value] of Object.entries(args)) {
    if (value === undefined) continue;
    if (name === 'host') Object.assign(attributes, serverAttributes(String(value)));
    else if (name === 'place') Object.assign(attributes, placeAttributes(String(value)));
    else attributes[conventions[name] ?? `slipway.${name}`] = value;
  }
  return attributes;
}

/** `registry.example.com:5000` */
function serverAttributes(host: string): Attributes {
  const [, address = host, port] = /^(.*?)(?::(\d+))?$/.exec(host) ?? [];
  return { 'server.address': address, ...(port === undefined ? {} : { 'server.port': Number(port) }) };
}

/** `docker/app.Dockerfile:12` */
function placeAttributes(place: string): Attributes {
  const [, file = place, line] = /^(.*?)(?::(\d+))?$/.exec(place) ?? [];
  return { 'code.file.path': file, ...(line === undefined ? {} : { 'code.line.number': Number(line) }) };
}
