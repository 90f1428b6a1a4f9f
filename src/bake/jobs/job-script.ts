// What a job runs, as lines of a POSIX shell: the same on every engine.
import type { BuildJob, JobPlan, MergeStep } from './job.ts';

/** A word as the shell reads it back. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** A field of comma-separated values. */
const csvField = (text: string): string => (/[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** Steps need root: mounts and the owners of files. The login is the user's own. */
const asRoot =
  'as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo env "PATH=$PATH" "HOME=$HOME" "SOURCE_DATE_EPOCH=$SOURCE_DATE_EPOCH" "$@"; fi; }';

/** Files get the time of the commit, so that every machine makes the same layers. */
const sourceTime = 'export SOURCE_DATE_EPOCH="${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}"';

/** Nothing where no password is given: some registries of a network of one's own take none. */
export function loginLines(registries: readonly string[]): string[] {
  return registries.map(
    (host) =>
      `if [ -n "\${REGISTRY_PASSWORD:-}" ]; then printf %s "$REGISTRY_PASSWORD" | slipway login --username "$REGISTRY_USERNAME" --password-stdin ${shellWord(host)}; fi`,
  );
}

const metadata = 'slipway-metadata.json';

function bakeCommand(job: BuildJob, words: readonly string[], output: string): string {
  const set = (key: string, value: string): string[] => ['--set', `${job.target}.${key}=${value}`];
  const all = [
    ...['as_root', 'slipway', 'bake', ...words, job.target],
    ...(job.platform === undefined ? [] : set('platform', job.platform)),
    ...(job.repositories.length > 0 ? set('tags', '') : []),
    ...set('output', output),
    ...(job.cache?.from ?? []).flatMap((ref) => set('cache-from', `type=registry,ref=${ref}`)),
    ...(job.cache ? set('cache-to', `type=registry,ref=${job.cache.to},mode=max`) : []),
    ...['--metadata-file', metadata],
  ];
  return all.map(shellWord).join(' ');
}

/** @param names where the image is pushed to: by digest, or under these tags where they have some */
export function buildLines(
  job: BuildJob,
  words: readonly string[],
  names: { byDigest: boolean; list: readonly string[] },
): string[] {
  const fields = [
    'type=image',
    ...(names.list.length > 0 ? [csvField(`name=${names.list.join(',')}`)] : []),
    'push=true',
    ...(names.byDigest ? ['push-by-digest=true'] : []),
    'rewrite-timestamp=true',
  ];
  return [sourceTime, asRoot, bakeCommand(job, words, fields.join(','))];
}

/** The digest that a build has pushed, in the shell's variable `digest`. */
export const digestLine = `digest=$(sed -n 's/.*"containerimage.digest": "\\(sha256:[0-9a-f]*\\)".*/\\1/p' ${metadata} | head -n 1)`;

/** @param source how the image of a build is written for a repository: `REPO@$DIGEST_…` */
export function mergeLines(
  merges: readonly MergeStep[],
  source: (repository: string, job: BuildJob) => string,
): string[] {
  return merges.flatMap(({ tags, builds }) =>
    tags.flatMap(({ name, repository }) => [
      [
        'slipway manifest create',
        shellWord(name),
        ...builds.map((job) => `"${source(repository, job)}"`),
      ].join(' '),
      `slipway manifest push --purge ${shellWord(name)}`,
    ]),
  );
}

export const hasMerge = (plan: JobPlan): boolean => plan.merges.length > 0;
