// Platforms: parsing, normalising and matching as containerd's `platforms` package does.
import { SlipwayError } from '../errors.ts';

/** Wire names of image-index.md#image-index-property-descriptions. */
export interface Platform {
  os: string;
  architecture: string;
  variant?: string;
  'os.version'?: string;
}

const architectures: Record<string, [string, string?]> = {
  x86_64: ['amd64'],
  'x86-64': ['amd64'],
  aarch64: ['arm64'],
  i386: ['386'],
  i486: ['386'],
  i586: ['386'],
  i686: ['386'],
  armhf: ['arm', 'v7'],
  armel: ['arm', 'v6'],
};

const knownOs = new Set([
  'linux',
  'windows',
  'darwin',
  'freebsd',
  'macos',
  'android',
  'wasi',
  'wasip1',
  'js',
]);

/** Go's GOARCH values. */
const knownArchitectures = new Set([
  ...['386', 'amd64', 'amd64p32', 'arm', 'armbe', 'arm64', 'arm64be', 'loong64', 'ppc', 'ppc64', 'ppc64le'],
  ...[
    'mips',
    'mipsle',
    'mips64',
    'mips64le',
    'mips64p32',
    'mips64p32le',
    'riscv',
    'riscv64',
    's390',
    's390x',
  ],
  ...['sparc', 'sparc64', 'wasm'],
]);

/** Drops what is implied (`arm64/v8`, `amd64/v1`), and spells names as Go does. */
export function normalizePlatform(platform: Platform): Platform {
  const os = platform.os.toLowerCase() === 'macos' ? 'darwin' : platform.os.toLowerCase();
  let architecture = platform.architecture.toLowerCase();
  let variant = platform.variant?.toLowerCase();
  const known = Object.hasOwn(architectures, architecture) ? architectures[architecture] : undefined;
  if (known) [architecture, variant] = [known[0], variant || known[1]];
  if (architecture === 'arm64') variant = variant?.replace(/\.0$/, '');
  if (architecture === 'arm64' && (variant === 'v8' || variant === '8')) variant = undefined;
  if (architecture === 'amd64' && variant === 'v1') variant = undefined;
  if (architecture === 'arm' && !variant) variant = 'v7';
  if (variant && /^\d+$/.test(variant)) variant = `v${variant}`;
  const version = platform['os.version'];
  return { os, architecture, ...(variant ? { variant } : {}), ...(version ? { 'os.version': version } : {}) };
}

/**
 * Parses `os/arch[/variant]`, `os` or `arch` alone; what is missing comes from `local`.
 * @throws ERR_PLATFORM where the text is none of these.
 */
export function parsePlatform(text: string, local: Platform): Platform {
  const parts = text.trim().split('/');
  if (parts.length > 3 || parts.some((part) => !/^[A-Za-z0-9_.-]+(\([^()]*\))?$/.test(part))) {
    throw new SlipwayError('ERR_PLATFORM', `${JSON.stringify(text)} is no platform`, {
      hint: 'a platform is written os/arch or os/arch/variant, as in linux/arm64 or linux/arm/v7',
    });
  }
  const [first = '', second, third] = parts;
  const osForm = /^([^(]+)(?:\(([^()]*)\))?$/.exec(first)!;
  if (second === undefined) {
    if (first === 'local') return local;
    if (knownOs.has(first.toLowerCase())) return normalizePlatform({ ...local, os: first });
    const guessed = normalizePlatform({ os: local.os, architecture: first });
    if (knownArchitectures.has(guessed.architecture)) return guessed;
    throw new SlipwayError(
      'ERR_PLATFORM',
      `${JSON.stringify(first)} is no operating system and no architecture`,
      {
        hint: 'write both, as in linux/arm64',
      },
    );
  }
  return normalizePlatform({
    os: osForm[1]!,
    architecture: second,
    ...(third ? { variant: third } : {}),
    ...(osForm[2] ? { 'os.version': osForm[2] } : {}),
  });
}

/** `linux/amd64`, `linux/arm/v6`. */
export function formatPlatform(platform: Platform): string {
  return [platform.os, platform.architecture, platform.variant].filter(Boolean).join('/');
}

export function samePlatform(a: Platform, b: Platform): boolean {
  return formatPlatform(normalizePlatform(a)) === formatPlatform(normalizePlatform(b));
}

/** The platform of this process, in Go's words. */
export function localPlatform(process: { arch: string; platform: string }): Platform {
  const architecture =
    { x64: 'amd64', ia32: '386', arm64: 'arm64', arm: 'arm' }[process.arch] ?? process.arch;
  // Images are Linux images, also where the builder runs elsewhere.
  return normalizePlatform({ os: 'linux', architecture });
}

/** `v7` as [7, 0], `v8.2` as [8, 2]. */
function versionOf(variant: string | undefined, plain: number): [number, number] {
  const [, major, minor] = /^v(\d{1,2})(?:\.(\d{1,2}))?$/.exec(variant ?? '') ?? [];
  return major === undefined ? [plain, 0] : [Number(major), Number(minor ?? 0)];
}

/** `prefix/vN` from `first` down to `last`. */
function variants(prefix: string, first: number, last: number): string[] {
  return Array.from({ length: Math.max(0, first - last + 1) }, (_, less) => `${prefix}/v${first - less}`);
}

/** Arm's own: 9.0 has all of 8.5, as 9.1 of 8.6. */
function arm64Variants(prefix: string, variant: string | undefined): string[] {
  const [major, minor] = versionOf(variant, 8);
  const point = (whole: number, first: number): string[] =>
    Array.from({ length: first }, (_, less) => `${prefix}/v${whole}.${first - less}`);
  if (major === 9) return [...point(9, minor), `${prefix}/v9`, ...point(8, minor + 5), prefix];
  return major === 8 ? [...point(8, minor), prefix] : [];
}

/** What a machine for `wanted` can also run, best first: arm/v7 runs arm/v6 and arm/v5, arm64 and amd64 those of 32 bits. */
function acceptable(wanted: Platform): string[] {
  const platform = normalizePlatform(wanted);
  const { os, architecture, variant } = platform;
  const [version] = versionOf(variant, architecture === 'arm' ? 7 : 1);
  const own = formatPlatform(platform);
  if (architecture === 'arm') return [own, ...variants(`${os}/arm`, version - 1, 5)];
  if (architecture === 'arm64')
    return [own, ...arm64Variants(`${os}/arm64`, variant), ...variants(`${os}/arm`, 8, 5)];
  if (architecture === 'amd64')
    return [own, ...variants(`${os}/amd64`, version - 1, 2), `${os}/amd64`, `${os}/386`];
  return [own];
}

function isVersion(entry: string | undefined, wanted: string): boolean {
  return entry === wanted || (entry?.startsWith(`${wanted}.`) ?? false);
}

/** The entry of an index that serves `wanted` best, or undefined. A version that is asked for is taken where there is one. */
export function matchPlatform<T extends { platform?: Platform }>(
  entries: readonly T[],
  wanted: Platform,
): T | undefined {
  const version = wanted['os.version'];
  for (const name of acceptable(wanted)) {
    const hits = entries.filter(
      (entry) => entry.platform && formatPlatform(normalizePlatform(entry.platform)) === name,
    );
    const exact = version && hits.find((entry) => isVersion(entry.platform?.['os.version'], version));
    if (hits.length > 0) return exact || hits[0];
  }
  return undefined;
}
