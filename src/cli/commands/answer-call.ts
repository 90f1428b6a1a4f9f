// What --check and --call=METHOD say of one request, as text or JSON.
import type { BuildRequest, CallOptions, Engine } from '../../index.ts';
import type { FailureContext } from '../session.ts';
import { type BuildCall, formatOutline, formatTargets } from './build-call.ts';
import { jsonText } from './images/safe-text.ts';

/** What of the engine a call asks for. */
export type CallEngine = Pick<Engine, 'check' | 'outline' | 'targets'>;

export interface CallWork {
  engine: CallEngine;
  request: BuildRequest;
  options: CallOptions;
  /** Gets the exit code of a check that found something. */
  failure: FailureContext;
}

/** Ended with a line end. @throws what the method throws */
export async function answerCall(call: BuildCall, work: CallWork): Promise<string> {
  const { engine, request, options, failure } = work;
  if (call.method === 'check') {
    const { answerCheck } = await import('./check-report.ts');
    return answerCheck(call, failure, () => engine.check(request, options));
  }
  if (call.method === 'outline') {
    const outline = await engine.outline(request, options);
    return call.json ? toJson(outline) : formatOutline(outline);
  }
  const targets = await engine.targets(request, options);
  return call.json ? toJson(targets) : formatTargets(targets);
}

export function toJson(value: unknown): string {
  return `${jsonText(value, 2)}\n`;
}
