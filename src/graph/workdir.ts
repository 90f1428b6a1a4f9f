// WORKDIR: the folder for what follows, and the step that makes it.
import { resolve } from 'node:path/posix';
import type { Place } from '../errors.ts';
import { makeVertex } from './make-vertex.ts';
import { commit, type StageState } from './stage-state.ts';
import type { MkdirOp } from './vertex.ts';

export interface WorkdirStep {
  label: string;
  place: Place;
  ignoreCache: boolean;
}

/** An absolute path is kept as it is written; a relative one is joined and cleaned. `/` needs no step. */
export function applyWorkdir(state: StageState, value: string, step: WorkdirStep): void {
  const path = value.startsWith('/') ? value : resolve('/', state.config.WorkingDir ?? '', value);
  state.config.WorkingDir = path;
  const clean = resolve('/', path);
  if (clean === '/') {
    commit(state, `WORKDIR ${path}`);
    return;
  }
  const op: MkdirOp = { type: 'mkdir', path: clean, user: state.config.User ?? '' };
  const { label, place, ignoreCache } = step;
  state.vertex = makeVertex({
    op,
    inputs: [state.vertex],
    name: `${label}WORKDIR ${value || path}`,
    place,
    ignoreCache,
  });
  commit(state, `WORKDIR ${path}`, state.vertex);
}
