// Folders of package managers and tools that nothing needs in an image: caches, lists, temporary files.

export type LeftoverKind = 'cache' | 'lists' | 'temporary' | 'logs';

export interface Leftover {
  kind: LeftoverKind;
  /** `the apt lists`. */
  name: string;
  /** What keeps them out of a step's layer. */
  remedy: string;
}

const inStep = 'remove them in the step that makes them';
const mount = (target: string): string =>
  `keep them out with RUN --mount=type=cache,target=${target}, or ${inStep}`;
const cache = (name: string, folder: string): [string, Leftover] => [
  folder,
  { kind: 'cache', name, remedy: mount(`/${folder}`) },
];

/** Homes of users count as /root. */
const folders = new Map<string, Leftover>([
  [
    'var/lib/apt/lists',
    { kind: 'lists', name: 'the apt lists', remedy: `end the step with rm -rf /var/lib/apt/lists/*` },
  ],
  cache("apt's packages", 'var/cache/apt'),
  cache("apk's cache", 'var/cache/apk'),
  cache("apk's cache", 'etc/apk/cache'),
  cache("dnf's cache", 'var/cache/dnf'),
  cache("dnf's cache", 'var/cache/libdnf5'),
  cache("yum's cache", 'var/cache/yum'),
  cache("zypper's cache", 'var/cache/zypp'),
  cache("pacman's cache", 'var/cache/pacman/pkg'),
  cache("pip's cache", 'root/.cache/pip'),
  cache("uv's cache", 'root/.cache/uv'),
  cache("poetry's cache", 'root/.cache/pypoetry'),
  cache("conda's packages", 'opt/conda/pkgs'),
  cache("npm's cache", 'root/.npm'),
  cache("yarn's cache", 'usr/local/share/.cache/yarn'),
  cache("yarn's cache", 'root/.cache/yarn'),
  cache("yarn's cache", 'root/.yarn/berry/cache'),
  cache("pnpm's store", 'root/.local/share/pnpm/store'),
  cache("Go's build cache", 'root/.cache/go-build'),
  cache("Go's downloads", 'root/go/pkg/mod/cache'),
  cache("Go's downloads", 'go/pkg/mod/cache'),
  cache("cargo's registry", 'root/.cargo/registry'),
  cache("cargo's registry", 'usr/local/cargo/registry'),
  cache("composer's cache", 'root/.composer/cache'),
  cache("composer's cache", 'root/.cache/composer'),
  cache("bundler's cache", 'usr/local/bundle/cache'),
  cache("gradle's caches", 'root/.gradle/caches'),
  ['tmp', { kind: 'temporary', name: 'files in /tmp', remedy: inStep }],
  ['var/tmp', { kind: 'temporary', name: 'files in /var/tmp', remedy: inStep }],
  ['var/log', { kind: 'logs', name: 'logs', remedy: inStep }],
]);

/** What a folder is; undefined for most. @param path `var/cache/apt` */
export function leftoverFolder(path: string): Leftover | undefined {
  return folders.get(path.startsWith('home/') ? path.replace(/^home\/[^/]+/, 'root') : path);
}

/** What a file lies in. */
export function leftoverOf(path: string): Leftover | undefined {
  for (let slash = path.indexOf('/'); slash > 0; slash = path.indexOf('/', slash + 1)) {
    const found = leftoverFolder(path.slice(0, slash));
    if (found) return found;
  }
  return undefined;
}
