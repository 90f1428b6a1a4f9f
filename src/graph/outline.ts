// What a target takes and which targets there are, with the comments that describe them.
import { expandWord } from '../dockerfile/expand.ts';
import type { ArgInstruction } from '../dockerfile/instruction.ts';
import { parseMount } from '../dockerfile/mount.ts';
import { reachableStages } from './reachable.ts';
import { createScope, type ScopeInput } from './scope.ts';
import { splitStages } from './stage.ts';

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

export function outline(input: ScopeInput): OutlineResult {
  const scope = createScope(input);
  const instructions = reachableStages(scope).flatMap((stage) => stage.instructions);
  const own = instructions.filter((instruction) => instruction.keyword === 'ARG');
  const args = new Map<string, OutlineResult['args'][number]>();
  for (const arg of argsOf([...splitStages(input.dockerfile).globals, ...own], input.buildArgs)) {
    const known = args.get(arg.name);
    args.set(arg.name, {
      name: arg.name,
      description: arg.description || (known?.description ?? ''),
      value: arg.value ?? known?.value,
    });
  }
  const mounts = instructions
    .filter((instruction) => instruction.keyword === 'RUN')
    .flatMap((instruction) =>
      instruction.mounts.map((text) =>
        parseMount(text, (word) => expandWord(word, scope.globals.get, scope.expand)),
      ),
    );
  const asked = (type: 'secret' | 'ssh'): { name: string; required: boolean }[] => {
    const found = new Map<string, boolean>();
    for (const mount of mounts)
      if (mount.type === type) found.set(mount.id, (found.get(mount.id) ?? false) || mount.required);
    return [...found].map(([name, required]) => ({ name, required }));
  };
  const name = scope.target.name ?? '';
  return {
    name,
    description: description(scope.target.from.comments, name),
    args: [...args.values()],
    secrets: asked('secret'),
    ssh: asked('ssh'),
  };
}

export function targets(input: ScopeInput): TargetsResult {
  const { stages, globals, expand } = createScope({ ...input, target: undefined });
  const expanded = (text: string | undefined): string =>
    text === undefined ? '' : expandWord(text, globals.get, expand);
  return {
    targets: stages.map((stage) => ({
      name: stage.name ?? '',
      description: stage.name === undefined ? '' : description(stage.from.comments, stage.name),
      base: expanded(stage.from.image),
      platform: expanded(stage.from.platform),
      default: stage === stages.at(-1),
    })),
  };
}
