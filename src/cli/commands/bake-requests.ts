// From bake targets to requests of the engine: each goes through the flags of a build, so that both mean and refuse the same.
import { type Place, SlipwayError, withPlace } from '../../errors.ts';
import type { BakeSetting, BakeTarget, BakeTargetRequest, BuildRequest } from '../../index.ts';
import { parseArguments } from '../arguments.ts';
import type { Session } from '../session.ts';
import { suggestionHint } from '../suggest.ts';
import { buildFlags } from './build-flags.ts';
import { isFileRight } from './file-rights.ts';
import { readText } from './read-bake-files.ts';
import { readBuildRequest } from './read-build-request.ts';

const rights = ['network.host', 'security.insecure'];

/** @throws ERR_USAGE for rights that are not there */
export function readAllowed(list: readonly string[]): string[] {
  const allowed = list.flatMap((text) => text.split(',')).filter((right) => !isFileRight(right));
  const wrong = allowed.find((right) => !rights.includes(right));
  if (wrong === undefined) return allowed;
  throw new SlipwayError('ERR_USAGE', `--allow: there is no right ${JSON.stringify(wrong)}`, {
    hint: suggestionHint(wrong, rights),
  });
}

/** @throws ERR_NOT_ALLOWED, ERR_UNSUPPORTED, ERR_USAGE and what else flags of a build throw, each with target and place */
export function toTargetRequest(
  target: BakeTarget,
  allowed: readonly string[],
  session: Session,
): BakeTargetRequest {
  const read = (settings: readonly BakeSetting[]): BuildRequest => {
    const flags = settings.flatMap(flagsOf);
    const file = target.dockerfile === undefined ? [] : [`--file=${target.dockerfile}`];
    return readBuildRequest(
      parseArguments(buildFlags, [...flags, ...file, '--', target.context], 'slipway build'),
      session,
    );
  };
  // One by one: what is wrong is known by the attribute that it lies in.
  for (const setting of target.settings) located(target, setting.key, setting.place, () => read([setting]));
  for (const { name, place } of target.entitlements) {
    if (allowed.includes(name)) continue;
    throw new SlipwayError(
      'ERR_NOT_ALLOWED',
      `target ${target.name} asks for ${name}, which is not allowed`,
      { place, hint: `--allow ${name}` },
    );
  }
  const request = located(target, undefined, target.place, () => read(target.settings));
  if (target.inline !== undefined || target.isLocalDockerfile) {
    request.dockerfile = '-';
    request.stdin = oneChunk(() => target.inline ?? readDockerfile(target, session));
  }
  return { name: target.name, request, links: target.links, place: target.place };
}

/** The image store takes what docker would load. */
function flagsOf({ key, flags }: BakeSetting): string[] {
  // The targets of a bake do not all answer the same call.
  if (key === 'call') return [];
  if (key !== 'output') return flags;
  const outputs = flags.filter((flag) => flag !== '--output');
  return outputs.flatMap((output) => (output === 'type=docker' ? ['--load'] : ['--output', output]));
}

function located<T>(target: BakeTarget, key: string | undefined, place: Place | undefined, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof SlipwayError)) throw error;
    error.message = `target ${target.name}${key === undefined ? '' : `, ${key}`}: ${error.message}`;
    throw place ? withPlace(error, place) : error;
  }
}

/** A Dockerfile of the current folder for a context that is not. */
function readDockerfile({ dockerfile, settings, place }: BakeTarget, session: Session): string {
  const text = readText(dockerfile!, session);
  if (text !== undefined) return text;
  throw new SlipwayError('ERR_DOCKERFILE_NOT_FOUND', `there is no file ${dockerfile} here`, {
    place: settings.find(({ key }) => key === 'dockerfile')?.place ?? place,
    hint: 'cwd:// starts from the current folder',
  });
}

async function* oneChunk(read: () => string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(read());
}
