// Parses bake files, merges them, and resolves what is asked for.
import { SlipwayError } from '../errors.ts';
import { type BakeConfig, type ComposeConfig, createConfig } from './bake-config.ts';
import { parseHcl } from './hcl/parse-hcl.ts';
import { parseJsonBody } from './hcl/parse-json.ts';
import type { Body } from './hcl/syntax.ts';
import { parseOverride } from './overrides.ts';
import { printBake } from './print-bake.ts';
import type { BakeFile, BakeInput, BakeListing, BakePlan } from './read-bake.ts';
import { resolveTargets } from './resolve-targets.ts';
import { toSettings } from './target-settings.ts';

/** @throws as readBake */
export function planBake(input: BakeInput): Promise<BakePlan> {
  return bounded(async () => {
    const overrides = input.overrides.map(parseOverride);
    const resolved = resolveTargets(await load(input), { names: input.names, overrides, env: input.env });
    const targets = resolved.targets.map((target) => toSettings(target, input.remote));
    return { targets, print: () => printBake(resolved, input.remote) };
  });
}

/** @throws as readBake */
export function listDefinitions(input: BakeInput): Promise<BakeListing> {
  return bounded(async () => {
    const { targets, groups, variables } = await load(input);
    const described = [
      ...groups.map(({ name, description, targets: members }) => ({
        name,
        description: description ?? members.join(', '),
      })),
      ...targets.map(({ name, attributes }) => ({
        name,
        description: String(attributes.get('description')?.content ?? ''),
      })),
    ];
    const first = described.filter(
      ({ name }, index) => described.findIndex((other) => other.name === name) === index,
    );
    return { targets: first.sort((a, b) => (a.name < b.name ? -1 : 1)), variables: variables.list() };
  });
}

/** What nests so deep that the stack ends is the file's fault. */
async function bounded<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new SlipwayError('ERR_SYNTAX', 'an expression of the bake files nests too deep', {
      hint: 'split it into variables',
    });
  }
}

async function load(input: BakeInput): Promise<BakeConfig> {
  const bodies: Body[] = [];
  const composeFiles: BakeFile[] = [];
  for (const file of input.files) {
    if (isCompose(file)) composeFiles.push(file);
    else bodies.push(isJson(file) ? parseJsonBody(file.text, file.name) : parseHcl(file.text, file.name));
  }
  const compose = await loadCompose(composeFiles, input);
  const builtins = {
    BAKE_LOCAL_PLATFORM: input.localPlatform,
    BAKE_CMD_CONTEXT: input.commandContext ?? 'cwd://',
  };
  const hasCompose = composeFiles.length > 0;
  return createConfig(compose, {
    bodies,
    vars: input.vars,
    env: input.env,
    builtins,
    now: input.now,
    hasCompose,
  });
}

/** The YAML parser is loaded where there is YAML. */
async function loadCompose(
  files: readonly BakeFile[],
  { env, vars, dotEnv }: BakeInput,
): Promise<ComposeConfig> {
  if (files.length === 0) return { targets: [], groups: [] };
  const { parseCompose } = await import('./compose/parse-compose.ts');
  return parseCompose(files, { env: { ...env, ...vars }, dotEnv });
}

/** A file whose name does not tell is Compose where a line begins with `services:`, JSON where it begins with a brace. */
function isCompose({ name, text }: BakeFile): boolean {
  if (/\.ya?ml$/i.test(name)) return true;
  return !/\.(hcl|json)$/i.test(name) && /^services:/m.test(text);
}

function isJson({ name, text }: BakeFile): boolean {
  return /\.json$/i.test(name) || (!/\.hcl$/i.test(name) && /^\s*\{/.test(text));
}
