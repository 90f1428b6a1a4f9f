// The process of `run`: the image's config and what the user asks for, put together as Docker does.
import { SlipwayError } from '../errors.ts';
import { defaultPath } from '../graph/env.ts';
import type { ContainerConfig } from '../oci/config.ts';
import type { RunRequest } from '../run-request.ts';

/** @throws ERR_USAGE where neither names a command. */
export function runArgv(config: ContainerConfig, request: RunRequest): string[] {
  const { entrypoint, command } = request;
  const argv = entrypoint
    ? [...entrypoint, ...command]
    : [...(config.Entrypoint ?? []), ...(command.length > 0 ? command : (config.Cmd ?? []))];
  if (argv.length > 0) return argv;
  throw new SlipwayError('ERR_USAGE', 'no command: the image names none', {
    hint: `slipway run ${request.image} COMMAND`,
  });
}

/** `NAME=value`; HOME is the user's where nothing else says so. */
export function runEnv(
  config: ContainerConfig,
  request: RunRequest,
  known: { hostname: string; home: string },
): string[] {
  const env = new Map([
    ['PATH', defaultPath],
    ['HOSTNAME', known.hostname],
  ]);
  for (const pair of config.Env ?? []) {
    const equals = pair.indexOf('=');
    if (equals > 0) env.set(pair.slice(0, equals), pair.slice(equals + 1));
  }
  for (const [name, value] of Object.entries(request.env)) {
    if (value === undefined) env.delete(name);
    else env.set(name, value);
  }
  if (!env.has('HOME')) env.set('HOME', known.home);
  return [...env].map(([name, value]) => `${name}=${value}`);
}

/** @throws ERR_USAGE for a relative one. */
export function runFolder(config: ContainerConfig, request: RunRequest): string {
  const folder = request.workdir ?? (config.WorkingDir || '/');
  if (folder.startsWith('/')) return folder;
  throw new SlipwayError('ERR_USAGE', `the working directory ${JSON.stringify(folder)} is not absolute`, {
    hint: `--workdir /${folder}`,
  });
}
