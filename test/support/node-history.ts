// A Git repository made up from a seed, which changes as a Node project does: sources often, tests and docs at times, the manifest
// seldom, the lock file more seldom. No step of its Dockerfiles needs a network: shell stands in for npm.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { createRandom, type Random } from './random.ts';
import { mustRun } from './run-command.ts';

export interface NodeHistoryOptions {
  commits: number;
  seed: number;
  /** Seconds that stand for what npm and the build take. */
  sleep?: { install: number; build: number };
  /** What `npm ci` makes follows from the lock file alone: it comes out the same where only the manifest changed. */
  installIsPure?: boolean;
}

const modules = ['http', 'routes', 'db', 'auth', 'mail', 'queue', 'cache', 'log', 'config', 'views'];

export function dockerfiles({ sleep, installIsPure }: NodeHistoryOptions): Record<string, string> {
  const { install = 0.2, build = 0.1 } = sleep ?? {};
  const read = installIsPure ? 'package-lock.json' : 'package.json package-lock.json';
  const ci = `sleep ${install} && mkdir node_modules && grep version package-lock.json > node_modules/list && cat ${read} | sha256sum > node_modules/.stamp`;
  const compile = `sleep ${build} && mkdir dist && cat src/*.js > dist/app.js`;
  const last = `FROM base
WORKDIR /app
COPY --from=deps /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY package.json ./
CMD ["cat", "dist/app.js"]
`;
  return {
    Dockerfile: `FROM base AS deps
WORKDIR /app
COPY package.json package-lock.json ./
RUN ${ci}

FROM deps AS build
COPY src src
RUN ${compile}

${last}`,
    'all-first.Dockerfile': `FROM base AS deps
WORKDIR /app
COPY . .
RUN ${ci}

FROM deps AS build
RUN ${compile}

${last}`,
  };
}

interface Project {
  files: Map<string, string>;
  version: number;
  packages: Map<string, number>;
}

function manifest({ version }: Project): string {
  return `${JSON.stringify({ name: 'app', version: `1.0.${version}`, scripts: { start: 'node dist/app.js' } }, null, 2)}\n`;
}

function lockfile({ packages }: Project): string {
  const all = Object.fromEntries(
    [...packages].map(([name, version]) => [`node_modules/${name}`, { version: `${version}.0.0` }]),
  );
  return `${JSON.stringify({ name: 'app', lockfileVersion: 3, packages: all }, null, 2)}\n`;
}

function first(options: NodeHistoryOptions, random: Random): Project {
  const packages = new Map(['express', 'pg', 'pino', 'undici', 'zod'].map((name) => [name, 1]));
  const project: Project = { files: new Map(), version: 0, packages };
  for (const [name, text] of Object.entries(dockerfiles(options))) project.files.set(name, text);
  project.files.set('.dockerignore', 'docs\n*.md\n.git\n*Dockerfile\n.dockerignore\n');
  project.files.set('README.md', '# An app\n');
  project.files.set('package.json', manifest(project));
  project.files.set('package-lock.json', lockfile(project));
  for (const name of modules) {
    project.files.set(`src/${name}.js`, `export const ${name} = ${random.number(1000)};\n`);
    project.files.set(`test/${name}.test.js`, `import '../src/${name}.js';\n`);
  }
  return project;
}

type Change = [subject: string, paths: string[]];

/** What one commit changes. */
function change(project: Project, random: Random, index: number): Change {
  const { files } = project;
  const edit = (path: string, line: string): string => {
    files.set(path, `${files.get(path) ?? ''}${line}\n`);
    return path;
  };
  const kind = random.number(100);
  const name = random.pick(modules);
  if (kind < 55) {
    const edited = random.some(modules, 3).map((one) => edit(`src/${one}.js`, `// ${index}`));
    return [`Change ${name}`, edited];
  }
  if (kind < 70) return [`Test ${name}`, [edit(`test/${name}.test.js`, `// ${index}`)]];
  if (kind < 82) return [`Describe ${name}`, [edit(`docs/${name}.md`, `Words of commit ${index}.`)]];
  if (kind < 92) {
    project.version++;
    files.set('package.json', manifest(project));
    return [`Release 1.0.${project.version}`, ['package.json']];
  }
  const dependency = random.pick([...project.packages.keys()]);
  project.packages.set(dependency, project.packages.get(dependency)! + 1);
  files.set('package-lock.json', lockfile(project));
  return [`Update ${dependency}`, ['package-lock.json']];
}

const day = 86_400;
const start = 1_700_000_000;

/** Makes the repository in `directory`; its branch is main. One process writes it all. */
export async function makeNodeHistory(directory: string, options: NodeHistoryOptions): Promise<void> {
  await mkdir(directory, { recursive: true });
  await mustRun(['git', '-C', directory, 'init', '--quiet', '--initial-branch=main']);
  const random = createRandom(options.seed);
  const project = first(options, random);
  const stream: string[] = [];
  const commit = (subject: string, paths: Iterable<string>, index: number): void => {
    const who = `${random.pick(['Ada', 'Grace', 'Linus'])} <dev@example.com> ${start + index * day} +0000`;
    stream.push(`commit refs/heads/main\ncommitter ${who}\ndata ${Buffer.byteLength(subject)}\n${subject}\n`);
    for (const path of paths) {
      const text = project.files.get(path)!;
      stream.push(`M 100644 inline ${path}\ndata ${Buffer.byteLength(text)}\n${text}\n`);
    }
  };
  commit('Begin', project.files.keys(), 0);
  for (let index = 1; index < options.commits; index++) {
    const [subject, paths] = change(project, random, index);
    commit(subject, paths, index);
  }
  const child = spawn('git', ['-C', directory, 'fast-import', '--quiet'], {
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  child.stdin.end(stream.join(''));
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`git fast-import: code ${code}`);
  await mustRun(['git', '-C', directory, 'reset', '--quiet', '--hard', 'main']);
}
