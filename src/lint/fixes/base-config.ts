// What is known of the image that a stage begins with.
import type { ContainerConfig } from '../../oci/config.ts';
import type { LintFile, LintStage } from '../lint-file.ts';
import { lineage } from '../rules/dl/walk.ts';

/** Undefined where nobody has said anything of it, as in the modes of other linters; that of `scratch` is empty. */
export function baseConfig(file: LintFile, stage: LintStage | undefined): ContainerConfig | undefined {
  const first = [...lineage(stage)].at(-1);
  if (first === undefined) return undefined;
  if (first.from.instruction.image === 'scratch') return {};
  const { bases, compat } = file.settings;
  if (bases === undefined || compat !== undefined) return undefined;
  const analysis = file.analysis();
  const seen = analysis?.stages[first.index];
  const config = seen && analysis?.bases.get(seen)?.config;
  return config && (config.config ?? {});
}
