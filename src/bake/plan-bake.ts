// Parses bake files, merges them, and resolves what is asked for.
import { SlipwayError } from '../errors.ts';
import { type BakeConfig, createConfig } from './bake-config.ts';
import { parseCompose } from './compose/parse-compose.ts';
import { parseHcl } from './hcl/parse-hcl.ts';
import { parseJsonBody } from './hcl/parse-json.ts';
import type { Body } from './hcl/syntax.ts';
import { parseOverride } from './overrides.ts';
import { printBake } from './print-bake.ts';
import type { BakeFile, BakeInput, BakeListing, BakePlan } from './read-bake.ts';
import { resolveTargets } from './resolve-targets.ts';
import { toSettings } from './target-settings.ts';

/** @throws as readBake */
export function planBake(input: BakeInput): BakePlan {
  return bounded(() => {
    const overrides = input.overrides.map(parseOverride);
    const resolved = resolveTargets(load(input), { names: input.names, overrides, env: input.env });
    return { targets: resolved.targets.map(toSettings), print: () => printBake(resolved) };
  });
}

/** @throws as readBake */
export function listDefinitions(input: BakeInput): BakeListing {
  return bounded(() => {
    const { targets, groups, variables } = load(input);
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
function bounded<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new SlipwayError('ERR_SYNTAX', 'an expression of the bake files nests too deep', {
      hint: 'split it into variables',
    });
  }
}

function load(input: BakeInput): BakeConfig {
  const bodies: Body[] = [];
  const composeFiles: BakeFile[] = [];
  for (const file of input.files) {
    if (isCompose(file)) composeFiles.push(file);
    else bodies.push(isJson(file) ? parseJsonBody(file.text, file.name) : parseHcl(file.text, file.name));
  }
  const env = { ...input.env, ...input.vars };
  const compose =
    composeFiles.length > 0
      ? parseCompose(composeFiles, { env, dotEnv: input.dotEnv })
      : { targets: [], groups: [] };
  const builtins = { BAKE_LOCAL_PLATFORM: input.localPlatform, BAKE_CMD_CONTEXT: 'cwd://' };
  return createConfig(compose, { bodies, vars: input.vars, env: input.env, builtins, now: input.now });
}

/** A file whose name does not tell is Compose where a line begins with `services:`, JSON where it begins with a brace. */
function isCompose({ name, text }: BakeFile): boolean {
  if (/\.ya?ml$/i.test(name)) return true;
  return !/\.(hcl|json)$/i.test(name) && /^services:/m.test(text);
}

function isJson({ name, text }: BakeFile): boolean {
  return /\.json$/i.test(name) || (!/\.hcl$/i.test(name) && /^\s*\{/.test(text));
}
