// DL3026: images from registries that nobody vouches for.
import { splitImage } from './image-name.ts';
import { mountsOf } from './mounts.ts';
import { at, isOneOf, type LintRule, placeOf } from './walk.ts';

export const dl3026: LintRule = {
  code: 'DL3026',
  name: 'UntrustedRegistry',
  family: 'hadolint',
  description: 'Images should come from the registries that the config trusts',
  severity: 'error',
  scope: 'instruction',
  *check(file) {
    const trusted = file.settings.trustedRegistries ?? [];
    if (trusted.length === 0) return;
    const same = (name: string) => (file.compat ? name : name.toLowerCase());
    const aliases = new Set<string>();
    for (const step of file.steps) {
      for (const image of imagesOf(step)) {
        if (aliases.has(same(image)) || image === 'scratch' || /^\d+$/.test(image)) continue;
        const { registry } = splitImage(image);
        const hosts = registry === undefined ? ['docker.io', 'hub.docker.com'] : [registry];
        if (trusted.some((pattern) => hosts.some((host) => matches(pattern, host)))) continue;
        const message = `${image} comes from ${hosts[0]}, which is not among the registries that are trusted`;
        yield at(step, message, placeOf(step, image));
      }
      if (isOneOf(step, ['FROM']) && step.instruction.writtenName !== undefined)
        aliases.add(same(step.instruction.writtenName));
    }
  },
};

function imagesOf(step: Parameters<typeof isOneOf>[0]): string[] {
  if (isOneOf(step, ['FROM'])) return [step.instruction.image];
  if (isOneOf(step, ['COPY'])) return step.instruction.from === undefined ? [] : [step.instruction.from];
  return isOneOf(step, ['RUN']) ? mountsOf(step.instruction).flatMap(({ from }) => from ?? []) : [];
}

/** `*` counts at one end alone. */
function matches(pattern: string, host: string): boolean {
  if (pattern === '*') return true;
  if (pattern.startsWith('*')) return host.endsWith(pattern.slice(1));
  if (pattern.endsWith('*')) return host.startsWith(pattern.slice(0, -1));
  return pattern === host;
}
