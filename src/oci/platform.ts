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

/** What a machine for `wanted` can also run, best first: arm/v7 runs arm/v6 and arm/v5; arm64 does not count. */
function acceptable(wanted: Platform): string[] {
  const platform = normalizePlatform(wanted);
  if (platform.architecture !== 'arm') return [formatPlatform(platform)];
  const version = Number((platform.variant ?? 'v7').slice(1));
  const list: string[] = [];
  for (let v = version; v >= 5; v--) list.push(`${platform.os}/arm/v${v}`);
  return list;
}

/** The entry of an index that serves `wanted` best, or undefined. */
export function matchPlatform<T extends { platform?: Platform }>(
  entries: readonly T[],
  wanted: Platform,
): T | undefined {
  for (const name of acceptable(wanted)) {
    const hit = entries.find(
      (entry) => entry.platform && formatPlatform(normalizePlatform(entry.platform)) === name,
    );
    if (hit) return hit;
  }
  return undefined;
}
