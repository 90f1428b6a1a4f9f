// Puts the command line into few files: packs of chunks in CommonJS form, that the starter (src/cli/start.ts) loads with V8's code cache.
// The first pack holds what a build needs that finds everything in the cache, another what `slipway lint` needs besides, the last the rest.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { build, type Metafile, transform } from 'esbuild';

const top = import.meta.dirname;
const out = join(top, 'dist/cli');

/** What a build loads on its way to a result that was made before; modules that these import statically come along. */
const firstEntries = [
  'src/cli/main.ts',
  'src/cli/commands/version.ts',
  'src/cli/commands/build-command.ts',
  'src/cli/commands/build.ts',
  'src/index.ts',
  'src/build/run-build.ts',
  'src/store/store-source.ts',
  'src/userns/enter.ts',
];

/** What linting loads besides. */
const lintEntries = [
  'src/cli/commands/lint-command.ts',
  'src/cli/commands/lint.ts',
  'src/cli/commands/lint-helper.ts',
  'src/lint/lint-text.ts',
  'src/lint/rule-summaries.ts',
  'src/lint/lint-tools.ts',
  'src/lint/fix-text.ts',
  'src/build/known-bases.ts',
];

const common = {
  platform: 'node',
  target: 'node20.17',
  logLevel: 'warning',
} as const;

/** A package that is one chunk: from many files it takes 20 ms to load. Optional packages stay outside. */
const bundled = 'undici';

/** Names stay, for the stacks of bugs; and lines stay short, since Node shows the one that it ends at. */
const smaller = {
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'none',
  lineLimit: 120,
} as const;

interface Chunk {
  /** As the other chunks import it: `./chunk-ABC.js`. */
  name: string;
  code: string;
  isFirst: boolean;
  isLint: boolean;
  /** Something besides linting loads it. */
  isRest: boolean;
}

/** Chunks that are loaded with the entries, whatever happens. */
function chunksOf(entries: readonly string[], outputs: Metafile['outputs']): Set<string> {
  const found = new Set<string>();
  const visit = (path: string): void => {
    if (found.has(path)) return;
    found.add(path);
    for (const { path: next, kind } of outputs[path]?.imports ?? [])
      if (kind === 'import-statement' && next in outputs) visit(next);
  };
  for (const entry of entries) {
    const chunk = Object.entries(outputs).find(([, { entryPoint }]) => entryPoint === entry);
    if (!chunk) throw new Error(`${entry} is no entry of a chunk: is it loaded by import() still?`);
    visit(chunk[0]);
  }
  return found;
}

async function makeChunks(): Promise<Chunk[]> {
  const { outputFiles, metafile } = await build({
    ...common,
    absWorkingDir: top,
    // The starter asks for these by name.
    entryPoints: { main: 'src/cli/main.ts', 'lint-helper': 'src/cli/commands/lint-helper.ts' },
    bundle: true,
    splitting: true,
    format: 'esm',
    outdir: 'dist/cli',
    chunkNames: '[name]-[hash]',
    external: [
      ...[bundled, 'koffi', '@aws-sdk/client-s3', '@opentelemetry/*'],
      ...['vscode-languageserver', 'vscode-languageserver/node', 'vscode-languageserver-textdocument'],
    ],
    define: { 'import.meta.url': '__pack.url' },
    write: false,
    metafile: true,
  });
  const { outputs } = metafile;
  const first = chunksOf(firstEntries, outputs);
  const lint = chunksOf(lintEntries, outputs);
  const elsewhere = Object.entries(outputs).filter(([path]) => !lint.has(path) && !first.has(path));
  const shared = new Set(elsewhere.flatMap(([, { imports }]) => imports.map(({ path }) => path)));
  const rolesOf = (path: string) => ({
    isFirst: first.has(path),
    isLint: lint.has(path),
    isRest: !lint.has(path) || shared.has(path),
  });
  return Promise.all(
    outputFiles.map(async ({ path, text }) => {
      const { code } = await transform(text, {
        ...common,
        format: 'cjs',
        // import() becomes require(): chunks are found by the starter, and packages all have a CommonJS form.
        supported: { 'dynamic-import': false },
        ...smaller,
        sourcefile: path,
      });
      // Node's own modules have all names themselves; a copy of them would load what the starter leaves for later.
      const plain = code.replaceAll(/__toESM\((require\("node:[a-z_/]+"\))\)/g, '$1');
      return { name: basename(path), code: plain, ...rolesOf(`dist/cli/${basename(path)}`) };
    }),
  );
}

async function bundlePackage(name: string): Promise<Chunk> {
  const { outputFiles } = await build({
    ...common,
    ...smaller,
    absWorkingDir: top,
    entryPoints: [name],
    bundle: true,
    format: 'cjs',
    write: false,
  });
  return { name, code: outputFiles[0]!.text, isFirst: false, isLint: false, isRest: true };
}

/** One expression: a function that takes what the starter gives, and returns the chunks by name. */
function pack(chunks: readonly Chunk[]): string {
  const functions = chunks.map(
    ({ name, code }) => `${JSON.stringify(name)}(exports,require,module){${code.replace(/^#!.*\n/, '')}\n}`,
  );
  return `(function(__pack){return{__proto__:null,\n${functions.join(',\n')}\n}})`;
}

const chunks = [...(await makeChunks()), await bundlePackage(bundled)];
const packs = {
  first: pack(chunks.filter(({ isFirst }) => isFirst)),
  lint: pack(chunks.filter(({ isFirst, isLint }) => !isFirst && isLint)),
  rest: pack(chunks.filter(({ isFirst, isRest }) => !isFirst && isRest)),
};
rmSync(out, { recursive: true, force: true });
// The starter reads them as Latin-1, which V8 keeps in one byte a sign; esbuild escapes strings, and no regular expressions.
for (const [name, code] of Object.entries(packs)) {
  const [foreign] = /[^\0-\x7f][^\n]{0,40}/u.exec(code) ?? [];
  if (foreign !== undefined)
    throw new Error(`pack ${name}: write what is not ASCII as \\u escapes: ${foreign}`);
}

mkdirSync(join(out, 'pack'), { recursive: true });
for (const [name, code] of Object.entries(packs)) writeFileSync(join(out, `pack/${name}.cjs`), code);
writeFileSync(join(out, 'package.json'), '{"type":"commonjs"}\n');
const start = await build({
  ...common,
  absWorkingDir: top,
  entryPoints: ['src/cli/start.ts'],
  bundle: true,
  format: 'cjs',
  minify: true,
  write: false,
  define: {
    BUNDLE_ID: JSON.stringify(
      createHash('sha256').update(Object.values(packs).join('\0')).digest('hex').slice(0, 16),
    ),
  },
});
// Last, as it says that the bundle is whole.
const launcher = readFileSync(join(top, 'src/cli/launch.sh'), 'utf8');
writeFileSync(join(out, 'main.js'), launcher + start.outputFiles[0]!.text, { mode: 0o755 });
