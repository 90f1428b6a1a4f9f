// Targets that are contexts of other targets.
import { type Place, SlipwayError } from '../errors.ts';
import type { ResolvedTarget } from './resolve-targets.ts';

/** `target:NAME` contexts: the target that is linked and the name of the context. */
export function linksOf({
  attributes,
}: Pick<ResolvedTarget, 'attributes'>): { context: string; target: string }[] {
  const contexts = attributes.get('contexts')?.content;
  if (!(contexts instanceof Map)) return [];
  return [...contexts].flatMap(([context, value]) =>
    value?.startsWith('target:') ? [{ context, target: value.slice('target:'.length) }] : [],
  );
}

export interface Linking {
  /** What is built so far, by name; linked targets are added. */
  targets: Map<string, ResolvedTarget>;
  /** @throws ERR_UNKNOWN_TARGET at the place where the name stands */
  resolve(name: string, place: Place | undefined): ResolvedTarget;
}

/** Adds the targets that a target is linked to, and those that they are linked to. @throws ERR_SYNTAX, ERR_PLATFORM, ERR_UNKNOWN_TARGET */
export function loadLinks(target: ResolvedTarget, path: readonly string[], parts: Linking): void {
  const way = [...path, target.name];
  const place = target.attributes.get('contexts')?.place ?? target.place;
  for (const { target: name } of linksOf(target)) {
    if (way.includes(name)) {
      throw new SlipwayError(
        'ERR_SYNTAX',
        `target ${name} is linked to itself: ${[...way, name].join(' → ')}`,
        { place, hint: 'take one of the target: contexts out' },
      );
    }
    let linked = parts.targets.get(name);
    if (!linked) {
      linked = { ...parts.resolve(name, place), linked: true };
      linked.attributes.set('output', { content: [new Map([['type', 'cacheonly']])], place: undefined });
      parts.targets.set(name, linked);
    }
    loadLinks(linked, way, parts);
    checkPlatforms(target, linked);
  }
}

function checkPlatforms(target: ResolvedTarget, linked: ResolvedTarget): void {
  const [own, theirs] = [target, linked].map(
    ({ attributes }) => (attributes.get('platforms')?.content as string[] | undefined) ?? [],
  ) as [string[], string[]];
  const missing = own.filter((platform) => !theirs.includes(platform));
  if (own.length < 2 || theirs.length < 2 || missing.length === 0) return;
  throw new SlipwayError(
    'ERR_PLATFORM',
    `target ${target.name} is built for ${missing.join(', ')}, and target ${linked.name}, its context, is not`,
    {
      place: target.attributes.get('platforms')?.place ?? target.place,
      hint: `add the platforms to target ${linked.name}`,
    },
  );
}
