// Runs the build checks over a text, with an image for linux/arm64 alone among those that are known.
import { readIgnorePatterns } from '../../src/dockerfile/ignore.ts';
import { parseDockerfile } from '../../src/dockerfile/parse.ts';
import type { LintInput } from '../../src/lint/analysis.ts';
import { checkDockerfile } from '../../src/lint/lint.ts';
import type { Finding } from '../../src/lint/rule.ts';
import type { ContainerConfig, ImageConfig } from '../../src/oci/config.ts';

const amd64 = { os: 'linux', architecture: 'amd64' };

export interface CheckSettings extends Partial<Omit<LintInput, 'dockerfile' | 'bases'>> {
  /** The text of the ignore file. */
  ignore?: string;
  /** The configs of images for linux/amd64, by their full name. */
  images?: Record<string, ContainerConfig>;
}

export function checkText(text: string, { ignore, images, ...input }: CheckSettings = {}): Finding[] {
  const rootfs = { type: 'layers' as const, diff_ids: [] };
  const bases = new Map<string, { config: ImageConfig }>();
  const armTools = { os: 'linux', architecture: 'arm64', rootfs };
  for (const wanted of ['amd64', 'arm64'])
    bases.set(`registry docker.io/library/arm-tools:1 linux/${wanted}`, { config: armTools });
  for (const [name, config] of Object.entries(images ?? {}))
    bases.set(`registry ${name} linux/amd64`, { config: { ...amd64, rootfs, config } });
  return checkDockerfile({
    dockerfile: parseDockerfile(text, 'Dockerfile'),
    buildArgs: {},
    buildPlatform: amd64,
    targetPlatform: amd64,
    target: undefined,
    bases,
    ignorePatterns: readIgnorePatterns(ignore ?? ''),
    ...input,
  });
}

/** `line Rule` of each finding. */
export function checkLines(text: string, settings?: CheckSettings): string[] {
  return checkText(text, settings).map(({ rule, range }) => `${range.start.line} ${rule}`);
}
