// Loads the bundled program: packs of chunks, compiled with what V8 kept of earlier runs. Nothing else is loaded here: this file is what
// every start pays for. esbuild.config.ts makes it and the packs.
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Script } from 'node:vm';

/** Of the packs' content. */
declare const BUNDLE_ID: string;

type Chunk = (exports: object, require: (name: string) => unknown, module: { exports: object }) => void;
type Chunks = Record<string, Chunk>;

/** What stands before V8's bytes in a file, as one line of JSON. */
interface Head {
  bundle: string;
  /** Bytes that follow. */
  size: number;
  /** How often the file was written. */
  writes: number;
  /** Chunks that were run before it was written. */
  chunks: string[];
}

interface Pack {
  name: string;
  script: Script;
  chunks: Chunks;
  /** Undefined where no kept code could be used. */
  kept: Head | undefined;
  /** Chunks of the pack that this run used. */
  used: string[];
}

const folder = join(__dirname, 'pack');
const isLint = process.argv[2] === 'lint';
/** A thread that helps to lint: whoever started it keeps what V8 compiled, and set V8's flags, which hold for all threads. */
const isHelper =
  isLint &&
  !(createRequire(__filename)('node:worker_threads') as typeof import('node:worker_threads')).isMainThread;
/** In the order in which a chunk is looked for: what linting needs is first asked of its own pack, and by nobody else before the last one. */
const names = isLint ? ['first', 'lint', 'rest'] : ['first', 'rest', 'lint'];
/** The first runs take different ways through the same chunks: so many of them add to what is kept. */
const learningRuns = 4;

const nodeRequire = createRequire(join(folder, 'first.cjs'));
const nodeFileSystem = nodeRequire('node:fs') as typeof import('node:fs');
const environment = {
  get url(): string {
    const { pathToFileURL } = nodeRequire('node:url') as typeof import('node:url');
    return pathToFileURL(join(folder, 'first.cjs')).href;
  },
};
const modules = new Map<string, { exports: object }>();
const packs: Pack[] = [];

/** V8 refuses by itself what another version or other flags made; by their names, versions don't replace each other's files. */
const codeFile = (name: string): string => join(folder, `${name}-${process.version}-${process.arch}.code`);

/** V8 trusts its own bytes: they are whole, and of these very packs, or not used. */
function readCode(name: string): { head: Head; code: Buffer } | undefined {
  try {
    const file = readFileSync(codeFile(name));
    const end = file.indexOf(0x0a);
    const head = JSON.parse(file.toString('latin1', 0, end)) as Head;
    const code = file.subarray(end + 1);
    return head.bundle === BUNDLE_ID && head.size === code.length ? { head, code } : undefined;
  } catch {
    return undefined;
  }
}

function loadPack(name: string): Pack {
  const filename = join(folder, `${name}.cjs`);
  const found = readCode(name);
  const cached = found ? { cachedData: found.code } : {};
  const source = readFileSync(filename, 'latin1');
  const script = withOwnFlags(() => new Script(source, { filename, ...cached }));
  const chunks = (script.runInThisContext() as (environment: object) => Chunks)(environment);
  const kept = script.cachedDataRejected === false ? found?.head : undefined;
  const pack: Pack = { name, script, chunks, kept, used: [] };
  packs.push(pack);
  return pack;
}

function load(name: string): object {
  const known = modules.get(name);
  if (known) return known.exports;
  let pack = packs.find(({ chunks }) => name in chunks);
  while (!pack && packs.length < names.length) {
    const next = loadPack(names[packs.length]!);
    if (name in next.chunks) pack = next;
  }
  if (!pack) throw new Error(`internal error: there is no chunk ${name}`);
  const module = { exports: {} };
  modules.set(name, module);
  pack.used.push(name);
  pack.chunks[name]!(module.exports, requireFromChunk, module);
  return module.exports;
}

/**
 * Parts of Node that a build in which all is cached does not use, though the code that would is loaded: they are when one of their members is
 * first asked for. Together they take longer to load than the program.
 */
const late = new Set(
  [
    'child_process',
    'fs/promises',
    'net',
    'readline',
    'stream',
    'stream/promises',
    'timers/promises',
    'tty',
    'worker_threads',
    'zlib',
  ].map((name) => `node:${name}`),
);
const lateModules = new Map<string, object>();

/**
 * By Node's major version what V8 takes by itself, which can't be asked: how much of a function runs before V8 optimizes it, in bytes of
 * bytecode; and whether several threads clear away what is young.
 */
const ownFlags = new Map([[20, ['--interrupt-budget=67584', '--parallel-scavenge']]]).get(
  Number.parseInt(process.versions.node, 10),
);
/**
 * Most of a build's functions run for a moment, and a fifth of its time went into making them faster. What is young is little and soon
 * cleared away: to wake threads for it took a tenth of what linting many files does.
 */
const patientFlags = ['--interrupt-budget=1000000', '--no-parallel-scavenge'];
/** Words of a command line of the linter that may name many files. */
const fewWords = 20;
let isPatient = isHelper;

/** What a cached build does not do has been asked for, so there is work. */
function becomePatient(): void {
  if (isPatient || ownFlags === undefined) return;
  isPatient = true;
  setFlags(patientFlags);
}

/** Node's own code and ours were kept with V8's own flags: under others, V8 compiles them anew. */
function withOwnFlags<T>(use: () => T): T {
  if (!isPatient || ownFlags === undefined) return use();
  setFlags(ownFlags);
  try {
    return use();
  } finally {
    setFlags(patientFlags);
  }
}

function setFlags(flags: readonly string[]): void {
  const { setFlagsFromString } = nodeRequire('node:v8') as typeof import('node:v8');
  for (const flag of flags) setFlagsFromString(flag);
}

/** A build that finds its context as it was lists none of it. */
const fileSystem = Object.create(nodeFileSystem, {
  readdirSync: {
    value: (...given: Parameters<typeof nodeFileSystem.readdirSync>) => {
      becomePatient();
      return nodeFileSystem.readdirSync(...given);
    },
  },
}) as object;

function loadLate(name: string): object {
  let found = lateModules.get(name);
  if (!found) {
    let loaded: object | undefined;
    const get = (_: object, member: PropertyKey): unknown => {
      if (member === '__esModule') return undefined;
      if (!isLint) becomePatient();
      loaded ??= withOwnFlags(() => nodeRequire(name)) as object;
      return Reflect.get(loaded, member);
    };
    found = new Proxy({}, { get });
    lateModules.set(name, found);
  }
  return found;
}

/** Packages that were bundled are chunks under their own names. */
function requireFromChunk(name: string): unknown {
  if (name.startsWith('./')) return load(name.slice(2));
  if (name === 'node:fs') return fileSystem;
  if (late.has(name)) return loadLate(name);
  return packs.some(({ chunks }) => name in chunks) ? load(name) : withOwnFlags(() => nodeRequire(name));
}

/** Keeps what V8 compiled, where this run did what none had done before. Who may not write here starts more slowly, and that is all. */
function keepCode(): void {
  // V8 takes back only what was made with the flags that it runs with.
  if (isPatient && ownFlags !== undefined) setFlags(ownFlags);
  for (const { name, script, kept, used } of packs) {
    const writes = (kept?.writes ?? 0) + 1;
    const chunks = [...new Set([...(kept?.chunks ?? []), ...used])];
    if (writes > learningRuns && chunks.length === kept?.chunks.length) continue;
    try {
      const code = script.createCachedData();
      const head: Head = { bundle: BUNDLE_ID, size: code.length, writes, chunks };
      const line = JSON.stringify(head);
      // V8 copies bytes that don't begin where eight go evenly.
      const room = Math.ceil((line.length + 1) / 8) * 8 - 1;
      replace(codeFile(name), [Buffer.from(`${line.padEnd(room)}\n`, 'latin1'), code]);
    } catch {
      return;
    }
  }
}

function replace(path: string, parts: Buffer[]): void {
  const temporary = `${path}.${process.pid}`;
  const file = openSync(temporary, 'wx');
  try {
    writeFileSync(file, Buffer.concat(parts));
    // A power cut must not leave a file of the right size and other content.
    fsyncSync(file);
    renameSync(temporary, path);
  } catch (error) {
    unlinkSync(temporary);
    throw error;
  } finally {
    closeSync(file);
  }
}

process.on('exit', (code) => {
  // That something was found is how linting mostly ends.
  if (!isHelper && (code === 0 || (code === 1 && isLint))) keepCode();
});
// Folders make the linter patient when they are read.
if (isLint && process.argv.length > fewWords) becomePatient();
load(isHelper ? 'lint-helper.js' : 'main.js');
