// Plans one platform of a build: asks for base images until all are known.
import type { BuildRequest } from '../build-request.ts';
import { SlipwayError, withPlace, withSuggestion } from '../errors.ts';
import { globalArgs } from '../graph/global-args.ts';
import { type Plan, plan, type ResolvedBase } from '../graph/plan.ts';
import { imageKey } from '../graph/sources.ts';
import { splitStages } from '../graph/stage.ts';
import type { ImageOp } from '../graph/vertex.ts';
import { localPlatform, type Platform } from '../oci/platform.ts';
import type { SourceImage } from '../seams.ts';
import { traced } from '../trace.ts';
import type { BuildDefinition } from './definition.ts';

/** What a plan asks of base images. */
export interface BaseResolver {
  resolve(op: ImageOp, signal: AbortSignal): Promise<Pick<SourceImage, 'name' | 'resolved' | 'config'>>;
}

export interface PlanBuildParts {
  request: BuildRequest;
  definition: BuildDefinition;
  images: BaseResolver;
  buildPlatform: Platform;
}

export interface PlannedBuild {
  plan: Plan;
  /** Seconds since 1970, of SOURCE_DATE_EPOCH. */
  epoch: number | undefined;
  /** The base images, by imageKey(op). */
  bases: ReadonlyMap<string, ResolvedBase>;
}

/** Values from the flags, and from the environment for those without one. SOURCE_DATE_EPOCH needs no flag. */
export function buildArguments(request: BuildRequest): Record<string, string> {
  // Without a prototype: an ARG may be named `constructor`.
  const args: Record<string, string> = Object.create(null);
  const epoch = request.env['SOURCE_DATE_EPOCH'];
  if (epoch !== undefined && epoch !== '') args['SOURCE_DATE_EPOCH'] = epoch;
  for (const [name, value] of Object.entries(request.buildArgs)) {
    const given = value ?? request.env[name];
    if (given !== undefined) args[name] = given;
  }
  return args;
}

/** @throws ERR_USAGE where the value is no number of seconds. */
function parseEpoch(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  // Up to the year 9999, as RFC 3339 has no more.
  if (/^\d{1,12}$/.test(text) && Number(text) < 253_402_300_800) return Number(text);
  throw new SlipwayError(
    'ERR_USAGE',
    `invalid SOURCE_DATE_EPOCH: ${JSON.stringify(text)} is no number of seconds`,
    {
      hint: 'give seconds since 1970, as `date +%s` prints them',
    },
  );
}

export const thisPlatform = (): Platform => localPlatform({ arch: process.arch, platform: process.platform });

export async function planBuild(
  parts: PlanBuildParts,
  targetPlatform: Platform,
  signal: AbortSignal,
): Promise<PlannedBuild> {
  const { request, definition, images, buildPlatform } = parts;
  const { dockerfile } = definition;
  const buildArgs = buildArguments(request);
  const { globals } = splitStages(dockerfile);
  const known = globalArgs(globals, {
    file: dockerfile.file,
    buildArgs,
    buildPlatform,
    targetPlatform,
    targetStage: request.target ?? '',
    expand: { escape: dockerfile.escape },
  });
  const given = buildArgs['SOURCE_DATE_EPOCH'] ?? known.get('SOURCE_DATE_EPOCH');
  const epoch = given === 'context' ? await definition.contextTime() : parseEpoch(given);
  // What means "the context's own time" has none for a folder.
  if (given === 'context') buildArgs['SOURCE_DATE_EPOCH'] = String(epoch ?? '');
  const bases = new Map<string, ResolvedBase>();
  for (;;) {
    const outcome = plan({
      dockerfile,
      target: request.target,
      buildArgs,
      contexts: definition.contexts,
      buildPlatform,
      targetPlatform,
      platformGiven: request.platforms.length > 0,
      multiPlatform: request.platforms.length > 1,
      noCache: request.noCache,
      noCacheFilter: request.noCacheFilter,
      network: request.network,
      allow: request.allow,
      labels: request.labels,
      policy: definition.policy,
      images: bases,
    });
    if (outcome.type === 'plan') return { plan: outcome.plan, epoch, bases };
    await Promise.all(
      outcome.images.map(async ({ op, place, suggestion }) => {
        try {
          const resolve = () => images.resolve(op, signal);
          const image = await traced('image', 'resolve base image', resolve, { image: op.origin.reference });
          bases.set(imageKey(op), {
            name: `${image.name.replace(/@.*/, '')}@${image.resolved}`,
            config: image.config,
            digest: image.resolved,
          });
        } catch (error) {
          throw withSuggestion(withPlace(error, place), suggestion);
        }
      }),
    );
  }
}
