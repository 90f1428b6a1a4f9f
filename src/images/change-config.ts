// `--change`: instructions of a Dockerfile that change an image's configuration and nothing else.
import { expandWord, expandWords } from '../dockerfile/expand.ts';
import type { Instruction } from '../dockerfile/instruction.ts';
import { parseDockerfile } from '../dockerfile/parse.ts';
import { type Place, SlipwayError } from '../errors.ts';
import { Env } from '../graph/env.ts';
import { applyMetadata } from '../graph/metadata.ts';
import { emptyState, type StageState } from '../graph/stage-state.ts';
import { applyWorkdir } from '../graph/workdir.ts';
import type { ContainerConfig } from '../oci/config.ts';
import type { Platform } from '../oci/platform.ts';

const allowed = [
  'CMD',
  'ENTRYPOINT',
  'ENV',
  'EXPOSE',
  'HEALTHCHECK',
  'LABEL',
  'ONBUILD',
  'STOPSIGNAL',
  'USER',
  'VOLUME',
  'WORKDIR',
];

/** The configuration of an empty image with the changes made, in order. @throws ERR_SYNTAX, ERR_USAGE */
export function changedConfig(changes: readonly string[], platform: Platform): ContainerConfig {
  // Docker gives an imported image no variables of its own.
  const state: StageState = { ...emptyState(platform), env: Env.parse([]), config: {} };
  for (const change of changes) apply(change, state);
  return state.config;
}

function apply(change: string, state: StageState): void {
  const instruction = parseChange(change);
  const place: Place = { range: { start: { line: 1, column: 1 }, end: { line: 1, column: 1 } } };
  const options = { escape: '\\' as const };
  const context = {
    place,
    expand: (text: string) => expandWord(text, state.env.get, options),
    expandWords: (text: string) => expandWords(text, state.env.get, options),
  };
  if (instruction.keyword === 'WORKDIR') {
    applyWorkdir(state, context.expand(instruction.value), { label: '', place, ignoreCache: false });
  } else applyMetadata(state, instruction, context);
}

function parseChange(change: string): Instruction {
  const refuse = (why: string, cause?: unknown): SlipwayError =>
    new SlipwayError('ERR_USAGE', `--change ${JSON.stringify(change)}: ${why}`, {
      hint: `one of ${allowed.join(', ')}, as a Dockerfile has them`,
      cause,
    });
  let instructions: Instruction[];
  try {
    instructions = parseDockerfile(`FROM scratch\n${change}\n`, '--change').instructions.slice(1);
  } catch (error) {
    throw error instanceof SlipwayError ? refuse(error.message, error) : error;
  }
  const [only, ...more] = instructions;
  if (!only || more.length > 0) throw refuse('that is not one instruction');
  if (!allowed.includes(only.keyword)) throw refuse(`${only.keyword} can't be given here`);
  return only;
}
