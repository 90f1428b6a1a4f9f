// A collector of traces for tests: takes OTLP over HTTP as JSON and as protobuf, and reads what of it tests look at
// (opentelemetry/proto/trace/v1/trace.proto).
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export type AttributeValues = Record<string, string | number | boolean>;

export interface ReceivedSpan {
  traceID: string;
  spanID: string;
  /** '' where it has none. */
  parentID: string;
  name: string;
  kind: number;
  /** Nanoseconds since 1970. */
  start: bigint;
  end: bigint;
  attributes: AttributeValues;
  events: { name: string; attributes: AttributeValues }[];
  status: { code: number; message: string };
}

export interface OtlpReceiver extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`. */
  url: string;
  spans: ReceivedSpan[];
  requests: { path: string; headers: IncomingHttpHeaders }[];
  resource: AttributeValues;
}

/** @param answer false: requests are taken and never answered. */
export async function startOtlpReceiver({ answer = true } = {}): Promise<OtlpReceiver> {
  const spans: ReceivedSpan[] = [];
  const requests: OtlpReceiver['requests'] = [];
  const resource: AttributeValues = {};
  const server: Server = createServer(async (request, response) => {
    requests.push({ path: request.url ?? '', headers: request.headers });
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (!answer) return;
    const isJson = request.headers['content-type'] === 'application/json';
    const read = (isJson ? readJson : readProtobuf)(Buffer.concat(chunks));
    for (const one of read) {
      Object.assign(resource, one.resource);
      spans.push(...one.spans);
    }
    response.writeHead(200, { 'content-type': request.headers['content-type'] });
    response.end(isJson ? '{}' : '');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ...{ spans, requests, resource },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface Received {
  resource: AttributeValues;
  spans: ReceivedSpan[];
}

// --- JSON ---------------------------------------------------------------------------------------------------------

interface JsonValue {
  stringValue?: string;
  intValue?: number | string;
  doubleValue?: number;
  boolValue?: boolean;
}
interface JsonAttribute {
  key: string;
  value: JsonValue;
}
interface JsonSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes: JsonAttribute[];
  events: { name: string; attributes: JsonAttribute[] }[];
  status: { code?: number; message?: string };
}

const fromJson = (attributes: readonly JsonAttribute[]): AttributeValues =>
  Object.fromEntries(
    attributes.map(({ key, value }) => {
      const { stringValue, intValue, doubleValue, boolValue } = value;
      return [key, stringValue ?? boolValue ?? Number(intValue ?? doubleValue)];
    }),
  );

function readJson(bytes: Buffer): Received[] {
  const { resourceSpans } = JSON.parse(bytes.toString()) as {
    resourceSpans: { resource: { attributes: JsonAttribute[] }; scopeSpans: { spans: JsonSpan[] }[] }[];
  };
  return resourceSpans.map(({ resource, scopeSpans }) => ({
    resource: fromJson(resource.attributes),
    spans: scopeSpans.flatMap((scope) =>
      scope.spans.map((one) => ({
        ...{ traceID: one.traceId, spanID: one.spanId, parentID: one.parentSpanId ?? '' },
        ...{ name: one.name, kind: one.kind },
        ...{ start: BigInt(one.startTimeUnixNano), end: BigInt(one.endTimeUnixNano) },
        attributes: fromJson(one.attributes),
        events: one.events.map(({ name, attributes }) => ({ name, attributes: fromJson(attributes) })),
        status: { code: one.status.code ?? 0, message: one.status.message ?? '' },
      })),
    ),
  }));
}

// --- Protobuf -----------------------------------------------------------------------------------------------------

type Fields = Map<number, (bigint | Buffer)[]>;

/** Every field of a message, by number; fixed64 as a number, too. */
function fieldsOf(bytes: Buffer): Fields {
  const fields: Fields = new Map();
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++]!;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  const take = (length: number): Buffer => {
    at += length;
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    const wire = tag & 7;
    let value: bigint | Buffer;
    if (wire === 0) value = varint();
    else if (wire === 1) value = take(8).readBigUInt64LE();
    else if (wire === 5) value = BigInt(take(4).readUInt32LE());
    else if (wire === 2) value = take(Number(varint()));
    else throw new Error(`wire type ${wire}`);
    fields.set(tag >> 3, [...(fields.get(tag >> 3) ?? []), value]);
  }
  return fields;
}

const messages = (fields: Fields, number: number): Fields[] =>
  (fields.get(number) ?? []).map((one) => fieldsOf(one as Buffer));
const first = (fields: Fields, number: number): Fields => messages(fields, number)[0] ?? new Map();
const bytesOf = (fields: Fields, number: number): Buffer =>
  (fields.get(number)?.[0] as Buffer | undefined) ?? Buffer.alloc(0);
const text = (fields: Fields, number: number): string => bytesOf(fields, number).toString();
const whole = (fields: Fields, number: number): bigint =>
  (fields.get(number)?.[0] as bigint | undefined) ?? 0n;

function fromFields(fields: readonly Fields[]): AttributeValues {
  const value = (any: Fields): string | number | boolean => {
    if (any.has(1)) return text(any, 1);
    if (any.has(2)) return whole(any, 2) === 1n;
    if (any.has(3)) return Number(BigInt.asIntN(64, whole(any, 3)));
    const double = Buffer.alloc(8);
    double.writeBigUInt64LE(whole(any, 4));
    return double.readDoubleLE();
  };
  return Object.fromEntries(fields.map((one) => [text(one, 1), value(first(one, 2))]));
}

function readProtobuf(bytes: Buffer): Received[] {
  return messages(fieldsOf(bytes), 1).map((resourceSpans) => ({
    resource: fromFields(messages(first(resourceSpans, 1), 1)),
    spans: messages(resourceSpans, 2)
      .flatMap((scope) => messages(scope, 2))
      .map((one) => ({
        traceID: bytesOf(one, 1).toString('hex'),
        spanID: bytesOf(one, 2).toString('hex'),
        parentID: bytesOf(one, 4).toString('hex'),
        name: text(one, 5),
        kind: Number(whole(one, 6)),
        start: whole(one, 7),
        end: whole(one, 8),
        attributes: fromFields(messages(one, 9)),
        events: messages(one, 11).map((event) => ({
          name: text(event, 2),
          attributes: fromFields(messages(event, 3)),
        })),
        status: { code: Number(whole(first(one, 15), 3)), message: text(first(one, 15), 2) },
      })),
  }));
}
