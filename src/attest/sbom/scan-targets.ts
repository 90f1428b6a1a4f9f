// What is scanned besides the result, by the ARGs BUILDKIT_SBOM_SCAN_CONTEXT and BUILDKIT_SBOM_SCAN_STAGE (BuildKit's sbom.md).
import type { ArgInstruction, Dockerfile } from '../../dockerfile/instruction.ts';
import { type Stage, splitStages } from '../../graph/stage.ts';

export interface ScanTargets {
  /** Stages that ask for their context, or themselves, to be scanned; whether they are built is another question. */
  context: Stage[];
  stages: Stage[];
}

/**
 * A value is `true`, `false` or a list of names of stages. That of the command line goes before the one of a stage, and that before
 * the one above the first FROM.
 */
export function scanTargets(
  dockerfile: Dockerfile,
  buildArgs: Readonly<Record<string, string>>,
): ScanTargets {
  const { globals, stages } = splitStages(dockerfile);
  const asks = (name: string, stage: Stage): boolean => {
    const own = stage.instructions.filter((one): one is ArgInstruction => one.keyword === 'ARG');
    const value = buildArgs[name] ?? defaultOf(own, name) ?? defaultOf(globals, name) ?? '';
    return isTrue(value) || namesOf(value).includes(stageName(stage));
  };
  return {
    context: stages.filter((stage) => asks('BUILDKIT_SBOM_SCAN_CONTEXT', stage)),
    stages: stages.filter((stage) => asks('BUILDKIT_SBOM_SCAN_STAGE', stage)),
  };
}

/** As the progress names it. */
export function stageName({ name, index }: Stage): string {
  return name ?? `stage-${index}`;
}

function isTrue(value: string): boolean {
  return /^(1|t|true)$/i.test(value);
}

function namesOf(value: string): string[] {
  return value.split(',').map((name) => name.trim().toLowerCase());
}

function defaultOf(instructions: readonly ArgInstruction[], name: string): string | undefined {
  const values = instructions.flatMap(({ args }) => args.filter((arg) => arg.name === name));
  return values.findLast(({ value }) => value !== undefined)?.value?.replace(/^(["'])(.*)\1$/, '$2');
}
