// Bake targets to jobs: what is pushed where, which caches are read and written, and what waits for what.
import { SlipwayError } from '../../errors.ts';
import { parseReference } from '../../oci/reference.ts';
import type { BuildJob, JobOptions, JobPlan, JobTag, MergeStep, PlannedTarget } from './job.ts';

/** Values of one attribute, as its flag takes them. */
function valuesOf(target: PlannedTarget, key: string): string[] {
  return target.settings
    .filter((setting) => setting.key === key)
    .flatMap(({ flags }) => flags.filter((_, index) => index % 2 === 1));
}

/** A name as ids of all engines allow it. */
const slug = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');

/** Kubernetes takes 63 characters, of which its pods add some. */
const longestId = 50;

function uniqueIds(): (text: string) => string {
  const taken = new Set<string>();
  return (text) => {
    const base = slug(text).slice(0, longestId).replace(/-+$/, '');
    let id = base;
    for (let n = 2; taken.has(id); n++) id = `${base}-${n}`;
    taken.add(id);
    return id;
  };
}

/** @throws ERR_USAGE at the target, where it has none: nothing could be pushed. */
function tagsOf(target: PlannedTarget): JobTag[] {
  const names = valuesOf(target, 'tags');
  if (names.length === 0) {
    throw new SlipwayError(
      'ERR_USAGE',
      `target ${target.name} has no tags, and a job could push it nowhere`,
      {
        place: target.place,
        hint: `add tags = ["registry.example.com/${slug(target.name)}:latest"]`,
      },
    );
  }
  return names.map((name) => ({ name, repository: repositoryOf(name) }));
}

/** As it was written, less tag and digest. @throws ERR_BAD_REFERENCE */
function repositoryOf(name: string): string {
  parseReference(name);
  const bare = name.replace(/@.*$/, '');
  const colon = bare.lastIndexOf(':');
  return colon > bare.lastIndexOf('/') ? bare.slice(0, colon) : bare;
}

const unique = (list: readonly string[]): string[] => [...new Set(list)];

/** @throws ERR_USAGE, ERR_BAD_REFERENCE */
export function planJobs(targets: readonly PlannedTarget[], options: Pick<JobOptions, 'cache'>): JobPlan {
  const newId = uniqueIds();
  const builds: BuildJob[] = [];
  const merges: MergeStep[] = [];
  const registries: string[] = [];
  const own = targets.filter(({ linked }) => !linked);
  for (const target of own) {
    const tags = tagsOf(target);
    const platforms = unique(valuesOf(target, 'platforms').flatMap((text) => text.split(',')));
    const repositories = platforms.length > 1 ? unique(tags.map(({ repository }) => repository)) : [];
    const cache = options.cache ?? tags[0]!.repository;
    const hasOwnCache = ['cache-from', 'cache-to'].some((key) => valuesOf(target, key).length > 0);
    const jobs = (platforms.length > 0 ? platforms : [undefined]).map((platform): BuildJob => {
      const id = newId(['build', target.name, platform].filter(Boolean).join('-'));
      return {
        ...{ id, target: target.name, platform, needs: [], repositories },
        variable: `DIGEST_${id
          .replace(/^build-/, '')
          .replaceAll('-', '_')
          .toUpperCase()}`,
        cache: hasOwnCache ? undefined : { to: `${cache}:cache-${id.replace(/^build-/, '')}`, from: [] },
      };
    });
    builds.push(...jobs);
    if (jobs.length > 1) merges.push({ target: target.name, tags, builds: jobs });
    for (const { name } of tags) registries.push(parseReference(name).registry);
    if (!hasOwnCache) registries.push(parseReference(cache).registry);
  }
  link(own, builds);
  return { builds, merges, registries: unique(registries) };
}

/** What a target is linked to is built first, where it has jobs of its own: the cache then has it. */
function link(targets: readonly PlannedTarget[], builds: readonly BuildJob[]): void {
  for (const job of builds) {
    const { links } = targets.find(({ name }) => name === job.target)!;
    const linked = builds.filter(
      (other) =>
        links.some(({ target }) => target === other.target) &&
        (other.platform === undefined || job.platform === undefined || other.platform === job.platform),
    );
    job.needs = linked.map(({ id }) => id);
    if (!job.cache) continue;
    const known = [job, ...linked].flatMap(({ cache }) => (cache ? [cache.to] : []));
    job.cache.from = unique(known);
  }
}
