// Looks for secrets in what a build is going to commit besides files: commands, variables, config and history, before any step runs.
import { verticesOf } from '../attest/build-steps.ts';
import type { StageState } from '../graph/stage-state.ts';
import type { Vertex } from '../graph/vertex.ts';
import type { SecretCheck } from './secret-guard.ts';

/** @throws ERR_SECRET with the line that it is of */
export function searchPlan(target: StageState, guard: SecretCheck): void {
  const check = (text: string, what: string, vertex?: Vertex): void =>
    guard.check(Buffer.from(text), what, vertex);
  for (const vertex of verticesOf(target.vertex)) {
    const { op } = vertex;
    if (op.type === 'exec') {
      for (const [name, value] of op.env)
        check(`${name}=${value}`, `the variable ${name} of the step`, vertex);
    }
    check(vertex.name, `the step`, vertex);
    for (const part of partsOf(op)) guard.check(part, 'the step', vertex);
  }
  for (const variable of target.config.Env ?? [])
    check(variable, `the variable ${variable.split('=', 1)[0]} of the image`);
  for (const [name, value] of Object.entries(target.config.Labels ?? {}))
    check(`${name}=${value}`, `the label ${name} of the image`);
  check(JSON.stringify(target.config), "the image's config");
  for (const { entry, vertex } of target.history)
    check(`${entry.created_by ?? ''}\n${entry.comment ?? ''}`, "a line of the image's history", vertex);
}

/** Texts and bytes; not those that are part of no key and no document. */
function partsOf(value: unknown): Uint8Array[] {
  if (typeof value === 'string') return [Buffer.from(value)];
  if (value instanceof Uint8Array) return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, part]) => (name === 'proxyEnv' ? [] : partsOf(part)));
}
