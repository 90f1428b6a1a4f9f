// Commands that fetch what a project's manifests name: what they need in front of them, and where they keep what they fetch.
import { type Call, hasFlag, hasWord, operands } from '../../shell/command.ts';

export interface Install {
  /** As it is called: `npm ci`. */
  call: string;
  /** The files that it reads, as COPY takes them. */
  manifests: readonly string[];
}

interface Tool {
  verbs: readonly string[];
  manifests: readonly string[];
  /** Further words, as the names of packages, make it something else. */
  isBare?: true;
}

const node = {
  verbs: ['ci', 'install', 'i', 'clean-install'],
  manifests: ['package*.json'],
  isBare: true as const,
};

const tools: Readonly<Record<string, Tool>> = {
  npm: node,
  yarn: { verbs: ['', 'install'], manifests: ['package.json', 'yarn.lock'], isBare: true },
  pnpm: { verbs: ['install', 'i', 'fetch'], manifests: ['package.json', 'pnpm-lock.yaml'], isBare: true },
  bun: { verbs: ['install', 'i'], manifests: ['package.json', 'bun.lock*'], isBare: true },
  poetry: { verbs: ['install', 'sync'], manifests: ['pyproject.toml', 'poetry.lock'], isBare: true },
  pipenv: { verbs: ['install', 'sync'], manifests: ['Pipfile', 'Pipfile.lock'], isBare: true },
  uv: { verbs: ['sync'], manifests: ['pyproject.toml', 'uv.lock'] },
  bundle: { verbs: ['install'], manifests: ['Gemfile', 'Gemfile.lock'] },
  composer: { verbs: ['install'], manifests: ['composer.json', 'composer.lock'] },
  cargo: { verbs: ['fetch'], manifests: ['Cargo.toml', 'Cargo.lock'] },
  dotnet: { verbs: ['restore'], manifests: ['*.csproj'] },
};

/** Tools that are not like those. */
const others = /^(?:go|mvn|pip\d*(?:\.\d+)?)$/;
const goals = /^dependency:(?:go-offline|resolve|resolve-plugins)$/;

/** Undefined for a command that fetches nothing, or what no manifest names. */
export function readInstall(command: Call): Install | undefined {
  if (!Object.hasOwn(tools, command.name) && !others.test(command.name)) return undefined;
  const words = operands(command.words).map(({ text }) => text);
  const call = [command.name, ...words.slice(0, 1)].join(' ');
  if (command.name === 'go' && words[0] === 'mod' && words[1] === 'download')
    return { call: 'go mod download', manifests: ['go.mod', 'go.sum'] };
  if (command.name === 'mvn') {
    const goal = words.find((word) => goals.test(word));
    return goal === undefined ? undefined : { call: `mvn ${goal}`, manifests: ['pom.xml'] };
  }
  if (/^pip\d*(?:\.\d+)?$/.test(command.name) || (command.name === 'uv' && words[0] === 'pip')) {
    const lists = command.words.flatMap(({ text }, index) => {
      if (text === '-r' || text === '--requirement') return command.words[index + 1]?.text ?? [];
      return /^(?:-r|--requirement=)(.+)$/.exec(text)?.[1] ?? [];
    });
    const isLocal = lists.every((list) => /^[\w.][\w./-]*$/.test(list)) && !hasWord(command, '.', '-e');
    if (!hasWord(command, 'install') || lists.length === 0 || !isLocal) return undefined;
    return { call: 'pip install', manifests: lists };
  }
  const tool = Object.hasOwn(tools, command.name) ? tools[command.name] : undefined;
  if (tool === undefined || !tool.verbs.includes(words[0] ?? '')) return undefined;
  if (tool.isBare && words.length > 1) return undefined;
  if (hasFlag(command, 'g', 'global', 'version', 'help')) return undefined;
  return { call, manifests: tool.manifests };
}

/** Package managers of distributions. */
const systemInstalls: Readonly<Record<string, readonly string[]>> = {
  apk: ['add'],
  'apt-get': ['install'],
  apt: ['install'],
  dnf: ['install'],
  microdnf: ['install'],
  yum: ['install'],
  zypper: ['install', 'in'],
};

/** What takes its time: fetching, or packages of the distribution. */
export function isExpensive(command: Call): boolean {
  const verbs = Object.hasOwn(systemInstalls, command.name) ? systemInstalls[command.name] : undefined;
  return (verbs !== undefined && hasWord(command, ...verbs)) || readInstall(command) !== undefined;
}
