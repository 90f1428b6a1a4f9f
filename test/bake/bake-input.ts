// What tests of bake files begin with: texts by name, and nothing else given.
import type { BakeInput, BakePlan } from '../../src/bake/read-bake.ts';
import { readBake } from '../../src/bake/read-bake.ts';

export type BakeGiven = Partial<Omit<BakeInput, 'files'>>;

export function bakeInput(files: Record<string, string>, given: BakeGiven = {}): BakeInput {
  return {
    files: Object.entries(files).map(([name, text]) => ({ name, text })),
    names: [],
    overrides: [],
    vars: {},
    env: {},
    dotEnv: undefined,
    localPlatform: 'linux/amd64',
    now: Date.UTC(2026, 0, 31, 12),
    ...given,
  };
}

export const bakeHcl = (text: string, given?: BakeGiven): Promise<BakePlan> =>
  readBake(bakeInput({ 'docker-bake.hcl': text }, given));

/** What `--print` shows of a target. */
export async function printed(text: string, given?: BakeGiven) {
  return JSON.parse((await bakeHcl(text, given)).print()).target;
}
