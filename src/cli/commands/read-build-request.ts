// From the flags of `slipway build` to the request that the engine takes.
import { SlipwayError } from '../../errors.ts';
import {
  type BuildRequest,
  localPlatform,
  type NamedContext,
  type OutputSpec,
  type Platform,
  parsePlatform,
} from '../../index.ts';
import type { Arguments } from '../arguments.ts';
import { environmentSwitch } from '../environment-switch.ts';
import type { Session } from '../session.ts';
import { suggestionHint } from '../suggest.ts';
import { parseAnnotation } from './annotation.ts';
import { readAttestations } from './attestation-flags.ts';
import { readBuildArgs } from './build-args.ts';
import type { BuildFlagName } from './build-flags.ts';
import { readSharedCaches } from './cache-flags.ts';
import { readCacheUse } from './cache-use.ts';
import { readImageChanges } from './image-changes.ts';
import { setImageTimes } from './image-times.ts';
import { parseSize, parseUlimit } from './limits.ts';
import { readLockUse } from './lock-flags.ts';
import { readMetadataProvenance } from './metadata-environment.ts';
import { parseOutput } from './output-spec.ts';
import { limits, parseResources } from './resources.ts';
import { parseSecret, readSecretCheck } from './secret-source.ts';
import { readSourcePolicy } from './source-policy.ts';
import { parseSshList } from './ssh-source.ts';

type BuildArguments = Arguments<BuildFlagName>;

/**
 * The request that a command line stands for. Paths are kept as they were written.
 * @throws ERR_USAGE, ERR_UNSUPPORTED, ERR_PLATFORM
 */
export function readBuildRequest(
  given: BuildArguments,
  session: Session,
  command = 'slipway build',
): BuildRequest {
  const context = readContext(given, command);
  const { names, outputs } = readOutputs(given, session);
  const { provenance, sbom } = given.texts;
  const attestations = readAttestations({ attest: given.lists.attest ?? [], provenance, sbom });
  const buildArgs = readBuildArgs({
    files: given.lists['build-arg-file'] ?? [],
    flags: given.lists['build-arg'] ?? [],
    cwd: session.cwd,
  });
  setImageTimes(given, outputs, buildArgs);
  return {
    context,
    dockerfile: given.texts.file,
    target: given.texts.target,
    ...(given.texts.from === undefined ? {} : { from: given.texts.from }),
    ...readSourcePolicy(given.texts['source-policy-file'], session),
    buildArgs,
    buildContexts: (given.lists['build-context'] ?? []).map(readNamedContext),
    labels: readLabels(given.lists.label ?? []),
    tags: [...new Set([...(given.lists.tag ?? []), ...names])],
    platforms: readPlatforms(given.lists.platform ?? []),
    outputs,
    ...readImageChanges(given),
    ...(attestations ? { attestations } : {}),
    ...(given.texts['metadata-file'] ? readMetadataProvenance(session.env) : {}),
    ...readSharedCaches(given.lists, { env: session.env, buildArgs }),
    ...readCacheUse(given.texts['cache-ttl'], given.booleans['no-cache']),
    noCacheFilter: splitWords(given.lists['no-cache-filter'] ?? []),
    pull: given.booleans.pull ?? false,
    ...readLockUse(given, context, session.cwd),
    network: (given.texts.network as BuildRequest['network'] | undefined) ?? 'default',
    allow: splitWords(given.lists.allow ?? []).map(checkRight),
    secrets: (given.lists.secret ?? []).map((text) => parseSecret(text, session.env)),
    ...readSecretCheck(given.texts['secret-check'], session.env),
    ssh: parseSshList(given.lists.ssh ?? []),
    addHosts: (given.lists['add-host'] ?? []).map(checkHost),
    shmSize:
      given.texts['shm-size'] === undefined ? undefined : parseSize(given.texts['shm-size'], '--shm-size'),
    ulimits: (given.lists.ulimit ?? []).map(parseUlimit),
    ...limits(parseResources(given.lists.resource ?? []), given.texts['cgroup-parent']),
    env: session.env,
    cwd: session.cwd,
    stdin: context === '-' || given.texts.file === '-' ? session.stdin : undefined,
    stdout: outputs.some(isStdout) ? session.stdout : undefined,
  };
}

function readContext(given: BuildArguments, command: string): string {
  const [context, ...more] = given.positionals;
  if (context === undefined || more.length > 0) {
    const extra = more.map((word) => JSON.stringify(word)).join(', ');
    throw new SlipwayError(
      'ERR_USAGE',
      `${command} takes exactly one argument, the build context${extra && `; there is also ${extra}`}`,
      { hint: `${command} . for the current folder, ${command} - for standard input` },
    );
  }
  if (context === '')
    throw new SlipwayError('ERR_USAGE', 'the build context is empty', { hint: `${command} .` });
  const file = given.texts.file;
  if (file === '')
    throw new SlipwayError('ERR_USAGE', '--file is empty', { hint: '--file=docker/app.Dockerfile' });
  if (file === '-' && context === '-') {
    throw new SlipwayError('ERR_USAGE', 'standard input cannot be both the context and the Dockerfile', {
      hint: 'slipway build - takes a Dockerfile, or a tar that holds one',
    });
  }
  return context;
}

function isStdout(output: OutputSpec): boolean {
  return 'dest' in output && output.dest === '-';
}

function readOutputs(given: BuildArguments, session: Session): { outputs: OutputSpec[]; names: string[] } {
  const { push = false } = given.booleans;
  const parsed = (given.lists.output ?? []).map((text) => parseOutput(text, given.lists.tag ?? [], push));
  const outputs = parsed.map((one) => one.output);
  if (push) pushOutputs(outputs);
  const hasImage = outputs.some((output) => output.type === 'image' && output.store !== false);
  if (
    outputs.length === 0 &&
    !given.booleans.load &&
    environmentSwitch(session.env, 'BUILDX_NO_DEFAULT_LOAD')
  )
    outputs.push({ type: 'cacheonly' });
  if (!hasImage && (outputs.length === 0 || given.booleans.load)) outputs.push({ type: 'image' });
  annotate(outputs, given.lists.annotation ?? []);
  const toStdout = outputs.filter(isStdout);
  if (toStdout.length > 1) {
    throw new SlipwayError('ERR_USAGE', 'only one output can go to standard output', {
      hint: 'give dest=PATH',
    });
  }
  if (toStdout.length > 0 && session.stdout.isTTY) {
    throw new SlipwayError('ERR_USAGE', 'an archive is not written to the terminal', {
      hint: 'give dest=PATH, or redirect standard output',
    });
  }
  return { outputs, names: parsed.filter((one) => one.output.type === 'image').flatMap((one) => one.names) };
}

/** `--push`: the images among the outputs go to registries; where there is none, one does that is kept nowhere else. */
function pushOutputs(outputs: OutputSpec[]): void {
  const images = outputs.filter((output) => output.type === 'image');
  for (const image of images) image.push ??= {};
  if (images.length === 0) outputs.push({ type: 'image', store: false, push: {} });
}

/** Adds what --annotation says to every output that is an image; an attribute of an output's own holds against it. */
function annotate(outputs: OutputSpec[], list: readonly string[]): void {
  const annotations = list.flatMap(parseAnnotation);
  if (annotations.length === 0) return;
  const images = outputs.filter(({ type }) => ['image', 'oci', 'docker'].includes(type)) as (OutputSpec & {
    type: 'image' | 'oci' | 'docker';
  })[];
  if (images.length === 0) {
    throw new SlipwayError('ERR_USAGE', '--annotation is for images, and no output is one', {
      hint: 'leave it out, or add --output type=oci,dest=image.tar',
    });
  }
  for (const output of images) {
    const own = output.options?.annotations ?? [];
    output.options = { ...output.options, annotations: [...annotations, ...own] };
  }
}

function readLabels(list: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    list.map((text) => {
      const [key, value = ''] = splitPair(text, '--label');
      return [key, value];
    }),
  );
}

function readNamedContext(text: string): NamedContext {
  const [name, value] = splitPair(text, '--build-context');
  if (!value) {
    throw new SlipwayError(
      'ERR_USAGE',
      `--build-context: ${JSON.stringify(text)} is not written NAME=WHERE`,
      {
        hint: '--build-context app=../app, or app=docker-image://alpine:3',
      },
    );
  }
  return { name, value };
}

/** Splits at the first `=`; no `=` gives no value. */
function splitPair(text: string, flag: string): [string, string | undefined] {
  const equals = text.indexOf('=');
  const name = equals < 0 ? text : text.slice(0, equals);
  if (name === '') {
    throw new SlipwayError('ERR_USAGE', `${flag}: ${JSON.stringify(text)} has no name`, {
      hint: `${flag} NAME=VALUE`,
    });
  }
  return [name, equals < 0 ? undefined : text.slice(equals + 1)];
}

function readPlatforms(list: readonly string[]): Platform[] {
  const local = localPlatform(process);
  return splitWords(list).map((text) => parsePlatform(text, local));
}

function splitWords(list: readonly string[]): string[] {
  return list.flatMap((text) => text.split(',').map((word) => word.trim())).filter((word) => word !== '');
}

function checkRight(right: string): string {
  const rights = ['network.host', 'security.insecure'];
  if (rights.includes(right)) return right;
  if (right.startsWith('device')) {
    throw new SlipwayError('ERR_UNSUPPORTED', `--allow ${right} is not supported`, {
      hint: 'steps get no devices',
    });
  }
  throw new SlipwayError('ERR_USAGE', `--allow: there is no right ${JSON.stringify(right)}`, {
    hint: suggestionHint(right, rights),
  });
}

function checkHost(text: string): string {
  if (/^[^:=\s]+[:=]\S+$/.test(text)) return text;
  throw new SlipwayError('ERR_USAGE', `--add-host: ${JSON.stringify(text)} is not written NAME:IP`, {
    hint: '--add-host db.test:192.0.2.7',
  });
}
