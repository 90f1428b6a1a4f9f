// What a target takes and which targets there are, with the comments that describe them.
import { expandWord } from '../dockerfile/expand.ts';
import type { ArgInstruction, Dockerfile, Instruction } from '../dockerfile/instruction.ts';
import { parseMount } from '../dockerfile/mount.ts';
import type { Platform } from '../oci/platform.ts';
import type { Env } from './env.ts';
import { globalArgs } from './global-args.ts';
import { findSourceStage, findStage, findTarget, type Stage, splitStages } from './stage.ts';

export interface OutlineInput {
  dockerfile: Dockerfile;
  target: string | undefined;
  buildArgs: Record<string, string>;
  buildPlatform: Platform;
  targetPlatform: Platform;
}

interface Described {
  name: string;
  description: string;
}

export interface OutlineResult extends Described {
  args: (Described & { value: string | undefined })[];
  secrets: { name: string; required: boolean }[];
  ssh: { name: string; required: boolean }[];
}

export interface TargetsResult {
  targets: (Described & { base: string; platform: string; default: boolean })[];
}

/** The comment directly above, where its first word is the name. */
function description(comments: readonly string[], name: string): string {
  const text = comments.join(' ').trim();
  return text.split(/\s+/)[0]?.toLowerCase() === name.toLowerCase() ? text.slice(name.length).trim() : '';
}

interface Analysis {
  stages: Stage[];
  globals: ArgInstruction[];
  env: Env;
  target: Stage;
}

function analyse(input: OutlineInput): Analysis {
  const { dockerfile } = input;
  const { stages, globals } = splitStages(dockerfile);
  const target = findTarget(stages, input.target);
  const env = globalArgs(globals, {
    file: dockerfile.file,
    buildArgs: input.buildArgs,
    buildPlatform: input.buildPlatform,
    targetPlatform: input.targetPlatform,
    targetStage: target.name ?? 'default',
    expand: { escape: dockerfile.escape },
  });
  return { stages, globals, env, target };
}

/** The stages that a target is made of, itself last. */
function reachable(analysis: Analysis, escapeSign: '\\' | '`'): Stage[] {
  const seen = new Set<Stage>();
  const visit = (stage: Stage | undefined): void => {
    if (!stage || seen.has(stage)) return;
    const base = expandWord(stage.from.image, analysis.env.get, { escape: escapeSign });
    visit(findStage(analysis.stages, base, stage.index));
    for (const from of stage.instructions.flatMap(namedSources))
      visit(findSourceStage(analysis.stages, from, stage.index, stage.place));
    seen.add(stage);
  };
  visit(analysis.target);
  return [...seen];
}

function namedSources(instruction: Instruction): string[] {
  if (instruction.keyword === 'COPY') return instruction.from === undefined ? [] : [instruction.from];
  if (instruction.keyword !== 'RUN') return [];
  return instruction.mounts.flatMap((text) => {
    const mount = parseMount(text, (word) => word);
    return 'from' in mount && mount.from !== undefined ? [mount.from] : [];
  });
}

function argsOf(
  instructions: readonly ArgInstruction[],
  buildArgs: Record<string, string>,
): OutlineResult['args'] {
  return instructions.flatMap((instruction) =>
    instruction.args.map(({ name, value }) => ({
      name,
      description: description(instruction.comments, name),
      value: buildArgs[name] ?? value,
    })),
  );
}

export function outline(input: OutlineInput): OutlineResult {
  const analysis = analyse(input);
  const stages = reachable(analysis, input.dockerfile.escape);
  const instructions = stages.flatMap((stage) => stage.instructions);
  const own = instructions.filter((instruction) => instruction.keyword === 'ARG');
  const args = new Map<string, OutlineResult['args'][number]>();
  for (const arg of [...argsOf(analysis.globals, input.buildArgs), ...argsOf(own, input.buildArgs)]) {
    const known = args.get(arg.name);
    args.set(arg.name, {
      name: arg.name,
      description: arg.description || (known?.description ?? ''),
      value: arg.value ?? known?.value,
    });
  }
  const mounts = instructions
    .filter((instruction) => instruction.keyword === 'RUN')
    .flatMap((instruction) => instruction.mounts.map((text) => parseMount(text, (word) => word)));
  const asked = (type: 'secret' | 'ssh'): { name: string; required: boolean }[] => {
    const found = new Map<string, boolean>();
    for (const mount of mounts)
      if (mount.type === type) found.set(mount.id, (found.get(mount.id) ?? false) || mount.required);
    return [...found].map(([name, required]) => ({ name, required }));
  };
  const name = analysis.target.name ?? '';
  return {
    name,
    description: description(analysis.target.from.comments, name),
    args: [...args.values()],
    secrets: asked('secret'),
    ssh: asked('ssh'),
  };
}

export function targets(input: OutlineInput): TargetsResult {
  const { stages, env } = analyse({ ...input, target: undefined });
  const options = { escape: input.dockerfile.escape };
  return {
    targets: stages.map((stage) => ({
      name: stage.name ?? '',
      description: stage.name === undefined ? '' : description(stage.from.comments, stage.name),
      base: expandWord(stage.from.image, env.get, options),
      platform: stage.from.platform === undefined ? '' : expandWord(stage.from.platform, env.get, options),
      default: stage === stages.at(-1),
    })),
  };
}
