// The span of somebody else that a trace goes on below, as pipelines hand it on (W3C Trace Context, "traceparent header").

export interface TraceParent {
  /** 32 hex digits. */
  traceID: string;
  /** 16 hex digits. */
  spanID: string;
  /** Bit 0: it is recorded. */
  flags: number;
}

/** Undefined for what is none: a trace of its own is begun then. */
export function parseTraceParent(text: string | undefined): TraceParent | undefined {
  const found = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/.exec(text?.trim() ?? '');
  if (!found) return undefined;
  const [, version, traceID = '', spanID = '', flags = '', more] = found;
  if (version === 'ff' || (version === '00' && more !== undefined)) return undefined;
  if (/^0+$/.test(traceID) || /^0+$/.test(spanID)) return undefined;
  return { traceID, spanID, flags: Number.parseInt(flags, 16) };
}

export const formatTraceParent = ({ traceID, spanID, flags }: TraceParent): string =>
  `00-${traceID}-${spanID}-${(flags & 0xff).toString(16).padStart(2, '0')}`;
