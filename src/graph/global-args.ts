// What FROM lines can refer to: the platform arguments, and the ARGs before the first FROM.
import { type ExpandOptions, expandWord } from '../dockerfile/expand.ts';
import type { ArgInstruction } from '../dockerfile/instruction.ts';
import { withPlace } from '../errors.ts';
import { formatPlatform, type Platform } from '../oci/platform.ts';
import { Env } from './env.ts';

export interface GlobalArgOptions {
  file: string;
  buildArgs: Record<string, string>;
  buildPlatform: Platform;
  targetPlatform: Platform;
  /** Name of the stage that is built; `default` where it has none. */
  targetStage: string;
  expand: ExpandOptions;
}

function setPlatform(env: Env, prefix: 'BUILD' | 'TARGET', platform: Platform): void {
  env.set(`${prefix}PLATFORM`, formatPlatform(platform));
  env.set(`${prefix}OS`, platform.os);
  env.set(`${prefix}OSVERSION`, platform['os.version'] ?? '');
  env.set(`${prefix}ARCH`, platform.architecture);
  env.set(`${prefix}VARIANT`, platform.variant ?? '');
}

export function globalArgs(globals: readonly ArgInstruction[], options: GlobalArgOptions): Env {
  const { buildArgs } = options;
  const env = new Env();
  setPlatform(env, 'BUILD', options.buildPlatform);
  setPlatform(env, 'TARGET', options.targetPlatform);
  env.set('TARGETSTAGE', options.targetStage);
  if (Object.keys(buildArgs).length > 0) {
    for (const [name] of env.entries()) {
      const given = buildArgs[name];
      if (given !== undefined) env.set(name, given);
    }
  }
  for (const instruction of globals) {
    for (const { name, value } of instruction.args) {
      try {
        const given =
          buildArgs[name] ?? (value === undefined ? undefined : expandWord(value, env.get, options.expand));
        if (given !== undefined) env.set(name, given);
      } catch (error) {
        throw withPlace(error, { file: options.file, range: instruction.range });
      }
    }
  }
  return env;
}

const proxyNames = ['HTTP_PROXY', 'HTTPS_PROXY', 'FTP_PROXY', 'NO_PROXY', 'ALL_PROXY'];

/** Arguments that every RUN gets without an ARG, in both spellings, and that no key holds. */
export function proxyEnv(buildArgs: Record<string, string>): [string, string][] {
  return proxyNames.flatMap((name): [string, string][] => {
    const value = buildArgs[name] ?? buildArgs[name.toLowerCase()];
    if (value === undefined) return [];
    return [
      [name, value],
      [name.toLowerCase(), value],
    ];
  });
}

/** Build arguments that steer the build and that no ARG has to declare. */
export function isBuiltInArg(name: string): boolean {
  return (
    proxyNames.includes(name.toUpperCase()) ||
    /^(BUILDKIT_\w+|SOURCE_DATE_EPOCH|(BUILD|TARGET)(PLATFORM|OS|OSVERSION|ARCH|VARIANT)|TARGETSTAGE)$/.test(
      name,
    )
  );
}
