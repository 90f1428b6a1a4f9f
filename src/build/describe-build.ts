// A build that has ended as the record that the state folder keeps of it.
import { isAbsolute, join, resolve } from 'node:path';
import type { BuildRecord, CacheAnswer, ComparedCache, Transfer } from '../build-record.ts';
import type { BuildRequest } from '../build-request.ts';
import { type Digest, digestOf } from '../oci/digest.ts';
import { formatPlatform } from '../oci/platform.ts';
import { redactSource } from '../redact-source.ts';
import type { StepReport } from '../solver/solve.ts';
import type { BuildSubject } from '../store/build-index.ts';
import { stepRecords } from './describe-steps.ts';
import type { PlannedRequest } from './one-request.ts';
import { buildArguments, thisPlatform } from './plan-build.ts';

export interface EndedBuild extends Pick<PlannedRequest, 'request' | 'planned' | 'definition'> {
  /** Of a bake: its target. */
  name?: string | undefined;
  /** Milliseconds since 1970. */
  started: number;
  ended: number;
  outcome: BuildRecord['outcome'];
  compared?: ComparedCache | undefined;
}

export interface NotedSteps {
  reports: ReadonlyMap<Digest, StepReport>;
  /** When results were made that were too old. */
  expired: ReadonlyMap<Digest, string>;
  caches: CacheAnswer[];
  transfers: Transfer[];
}

export function describeBuild(
  build: EndedBuild,
  { reports, expired, caches, transfers }: NotedSteps,
): BuildRecord {
  const { request, planned, started, ended, outcome } = build;
  const time = new Date(started).toISOString();
  return {
    id: `${time.replace(/\D/g, '')}-${Math.random().toString(36).slice(2, 8).padEnd(6, '0')}`,
    started: time,
    seconds: (ended - started) / 1000,
    outcome,
    ...subjectOf(build),
    context: contextOf(request),
    ...namedContexts(request),
    buildArgs: argumentDigests(request),
    ...declaredArgs(build),
    noCache: request.noCache,
    ...(request.cacheTTL === undefined ? {} : { cacheTTL: request.cacheTTL }),
    caches,
    transfers,
    ...(build.compared ? { compared: build.compared } : {}),
    steps: stepRecords(
      planned.map(({ plan }) => plan.target.vertex),
      { reports, expired },
    ),
  };
}

export function subjectOf({
  request,
  definition,
  name,
}: Pick<EndedBuild, 'request' | 'definition' | 'name'>): BuildSubject {
  const platforms = request.platforms.length > 0 ? request.platforms : [thisPlatform()];
  const { file, text } = definition.dockerfile;
  return {
    dockerfile: {
      path: dockerfileOf(request, { context: contextOf(request), file }),
      digest: digestOf(text),
    },
    ...(name === undefined ? {} : { name }),
    ...(request.target ? { target: request.target } : {}),
    platforms: platforms.map(formatPlatform),
  };
}

/** A folder's absolute path; of what is elsewhere the address without its login. */
function contextOf({ context, cwd }: BuildRequest): string {
  if (context === '-') return '-';
  return /^(?:[a-z][\w+.-]*:\/\/|git@)/i.test(context) ? redactSource(context) : resolve(cwd, context);
}

/** `file` is as the definition names it: in the context, unless `-f` names another. */
function dockerfileOf(
  { dockerfile, cwd }: BuildRequest,
  { context, file }: { context: string; file: string },
): string {
  if (file === '-' || /^[a-z][\w+.-]*:\/\//i.test(file)) return file;
  if (!isAbsolute(context)) return `${context} ${file}`;
  return dockerfile === undefined ? join(context, file) : resolve(cwd, file);
}

/** As a later call can name them, from wherever it is made. */
function namedContexts({ buildContexts, cwd }: BuildRequest): Pick<BuildRecord, 'buildContexts'> {
  if (buildContexts.length === 0) return {};
  const absolute = (value: string): string => {
    const layout = /^oci-layout:(?:\/\/)?/.exec(value)?.[0];
    if (layout !== undefined) return `${layout}${resolve(cwd, value.slice(layout.length))}`;
    if (/^(?:[a-z][\w+.-]*:|git@|github\.com\/)/i.test(value)) return redactSource(value);
    return resolve(cwd, value);
  };
  return {
    buildContexts: Object.fromEntries(buildContexts.map(({ name, value }) => [name, absolute(value)])),
  };
}

/** ARG gives the value where no ENV of that name does. A stage on another one has what that has. */
function declaredArgs({ definition }: EndedBuild): Pick<BuildRecord, 'declaredArgs'> {
  const stages = new Map<string, Set<string>>();
  let own: Set<string> | undefined;
  for (const one of definition.dockerfile.instructions) {
    if (one.keyword === 'FROM') {
      own = new Set(stages.get(one.image.toLowerCase()));
      stages.set(one.name?.toLowerCase() ?? `stage-${stages.size}`, own);
    } else if (one.keyword === 'ARG') for (const { name } of one.args) own?.add(name);
    else if (one.keyword === 'ENV') for (const { key } of one.pairs) own?.delete(key);
  }
  const named = [...stages]
    .filter(([, names]) => names.size > 0)
    .map(([stage, names]) => [stage, [...names]]);
  return named.length > 0 ? { declaredArgs: Object.fromEntries(named) } : {};
}

function argumentDigests(request: BuildRequest): Record<string, Digest> {
  const digests: Record<string, Digest> = {};
  for (const [name, value] of Object.entries(buildArguments(request))) digests[name] = digestOf(value);
  return digests;
}
