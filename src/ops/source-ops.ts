// Ops that bring files in and make no layer of their own: images, contexts, what ADD fetches.
import type { ContextOp, GitOp, HttpOp, ImageOp } from '../graph/vertex.ts';
import type { Op } from '../solver/solve.ts';
import type { OpEnvironment } from './environment.ts';
import { type Result, scratchIdentity } from './result.ts';

function source(load: (signal: AbortSignal) => Promise<Result>): Op<Result> {
  return {
    async *keys() {},
    run: () => Promise.reject(new Error('a source has nothing to run')),
    below: () => scratchIdentity,
    load: (_record, _inputs, signal) => load(signal),
  };
}

export function createSourceOp(
  op: ImageOp | ContextOp | HttpOp | GitOp,
  environment: OpEnvironment,
): Op<Result> {
  switch (op.type) {
    case 'image':
      return source((signal) => environment.image(op, signal));
    case 'context':
      return source((signal) => environment.context(op, signal));
    case 'http':
      return source((signal) => environment.http(op, signal));
    case 'git':
      return source((signal) => environment.git(op, signal));
  }
}
