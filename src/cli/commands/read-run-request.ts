// From the flags of `slipway run` to the request that the engine takes.
import { SlipwayError } from '../../errors.ts';
import { localPlatform, parsePlatform, type RunRequest } from '../../index.ts';
import type { Arguments } from '../arguments.ts';
import type { Session } from '../session.ts';
import { parseSize, parseUlimit } from './limits.ts';
import { limits, parseRunLimits } from './resources.ts';
import type { RunFlagName } from './run-flags.ts';
import { parseTmpfs, parseVariable, parseVolume, readVariables } from './run-values.ts';

/** @param words after the flags: image, command. @throws ERR_USAGE, ERR_UNSUPPORTED, ERR_PLATFORM */
export function readRunRequest(
  given: Arguments<RunFlagName>,
  words: readonly string[],
  session: Session,
): RunRequest {
  const { booleans, texts, lists } = given;
  const [image, ...command] = words;
  if (!image) {
    throw new SlipwayError('ERR_USAGE', 'slipway run needs an image', {
      hint: 'slipway run IMAGE [COMMAND [ARG…]]',
    });
  }
  if (booleans.rm === false) {
    throw new SlipwayError('ERR_UNSUPPORTED', '--rm=false is not supported', {
      hint: 'write what is to be kept to a folder of this machine: --volume ./out:/out',
    });
  }
  const { entrypoint, platform } = texts;
  return {
    image,
    command,
    entrypoint: entrypoint === undefined ? undefined : [entrypoint].filter(Boolean),
    env: readEnv(lists, session),
    volumes: (lists.volume ?? []).map(parseVolume),
    tmpfs: (lists.tmpfs ?? []).map(parseTmpfs),
    workdir: texts.workdir || undefined,
    user: texts.user || undefined,
    network: (texts.network as RunRequest['network'] | undefined) ?? 'host',
    security: booleans.privileged ? 'insecure' : 'sandbox',
    hostname: texts.hostname || undefined,
    addHosts: lists['add-host'] ?? [],
    shmSize: texts['shm-size'] === undefined ? undefined : parseSize(texts['shm-size'], '--shm-size'),
    ulimits: (lists.ulimit ?? []).map(parseUlimit),
    ...limits(parseRunLimits(texts), texts['cgroup-parent']),
    platform: platform === undefined ? undefined : parsePlatform(platform, localPlatform(process)),
    pull: (texts.pull as RunRequest['pull'] | undefined) ?? 'missing',
    readOnly: booleans['read-only'] ?? false,
    cwd: session.cwd,
    stdin: booleans.interactive ? session.stdin : undefined,
  };
}

function readEnv(lists: Arguments<RunFlagName>['lists'], session: Session): RunRequest['env'] {
  const variables = [
    ...(lists['env-file'] ?? []).flatMap((path) => readVariables(path, session)),
    ...(lists.env ?? []).map((text) => parseVariable(text, session.env)),
  ];
  const env: RunRequest['env'] = {};
  for (const [name, value] of variables) {
    // No plain assignment: `__proto__` is a name like any other.
    Object.defineProperty(env, name, { value, enumerable: true, writable: true, configurable: true });
  }
  return env;
}
