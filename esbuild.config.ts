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

/** What of it is evaluated together: what the shortest commands need, what those that build nothing need besides, the rest. */
const joinedEntries = [['src/cli/main.ts', 'src/cli/commands/version.ts'], ['src/index.ts'], firstEntries];

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
  /** Of the CommonJS form. */
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
  const texts = new Map(outputFiles.map(({ path, text }) => [basename(path), text]));
  const first = chunksOf(firstEntries, outputs);
  const lint = chunksOf(lintEntries, outputs);
  const elsewhere = Object.entries(outputs).filter(([path]) => !lint.has(path) && !first.has(path));
  const shared = new Set(elsewhere.flatMap(([, { imports }]) => imports.map(({ path }) => path)));
  const rolesOf = (path: string) => ({
    isFirst: first.has(path),
    isLint: lint.has(path),
    isRest: !lint.has(path) || shared.has(path),
  });
  const asked = Object.entries(outputs).flatMap(([path, { imports }]) =>
    imports
      .filter((imported) => imported.kind === 'dynamic-import' || !first.has(path))
      .map((imported) => imported.path)
      .filter((imported) => first.has(imported)),
  );
  const groups = joinedEntries.map((entries) => {
    const own = chunksOf(entries, outputs);
    return asked.filter((path) => own.has(path)).map((path) => basename(path));
  });
  const inFirst = { isFirst: true, isLint: false, isRest: false };
  const others = [...texts].filter(([name]) => !first.has(`dist/cli/${name}`));
  return Promise.all([
    ...(await joinChunks(texts, groups)).map(async ({ name, text }) => ({
      ...{ name, code: await commonJs(name, text) },
      ...inFirst,
    })),
    ...others.map(async ([name, text]) => ({
      ...{ name, code: await commonJs(name, text) },
      ...rolesOf(`dist/cli/${name}`),
    })),
  ]);
}

/**
 * The chunks of the first pack in few: what lies in one scope calls each other directly, and tables of exports are made for those alone that
 * others ask for. These stay under their names, as chunks of one line.
 * @param texts of all chunks, by name
 * @param groups names of chunks of the first pack that are loaded by import(), or by other packs
 */
async function joinChunks(
  texts: ReadonlyMap<string, string>,
  groups: readonly (readonly string[])[],
): Promise<{ name: string; text: string }[]> {
  const tables = new Map<string, string>();
  const found = new Map<string, string>();
  for (const [index, group] of groups.entries()) {
    const names = [...new Set(group)].filter((name) => !found.has(name));
    const table = `./joined-${index}.js`;
    for (const name of names) found.set(name, table);
    const exported = names.map(
      (name) => `export * as ${JSON.stringify(name)} from ${JSON.stringify(`./${name}`)};`,
    );
    tables.set(table, exported.join('\n'));
  }
  const { outputFiles } = await build({
    ...common,
    absWorkingDir: top,
    entryPoints: ['./main.js', ...tables.keys()],
    bundle: true,
    splitting: true,
    format: 'esm',
    outdir: 'dist/cli',
    entryNames: '[name]',
    chunkNames: 'joined-[hash]',
    write: false,
    plugins: [
      {
        name: 'chunks',
        setup({ onResolve, onLoad }) {
          onResolve({ filter: /^\.\// }, ({ path, kind }) =>
            kind === 'dynamic-import' ? { path, external: true } : { path, namespace: 'chunk' },
          );
          onResolve({ filter: /^[^.]/ }, ({ path }) => ({ path, external: true }));
          onLoad({ filter: /./, namespace: 'chunk' }, ({ path }) => ({
            contents: tables.get(path) ?? texts.get(path.slice(2))!,
            loader: 'js',
          }));
        },
      },
    ],
  });
  return [
    ...outputFiles.map(({ path, text }) => ({ name: basename(path), text })),
    ...[...found].map(([name, table]) => ({
      name,
      text: `module.exports=require(${JSON.stringify(table)})[${JSON.stringify(name)}]`,
    })),
  ];
}

async function commonJs(name: string, text: string): Promise<string> {
  const { code } = await transform(text, {
    ...common,
    format: 'cjs',
    // import() becomes require(): chunks are found by the starter, and packages all have a CommonJS form.
    supported: { 'dynamic-import': false },
    ...smaller,
    sourcefile: name,
  });
  // Node's own modules have all names themselves; a copy of them would load what the starter leaves for later.
  // Chunks hand out their tables of exports as they are: a copy costs two calls more, whenever another chunk uses a name.
  return code
    .replaceAll(/__toESM\(\s*(require\("(?:node:|\.\/)[^"]+"\))\)/g, '$1')
    .replace(/\bmodule\.\s*exports=\s*__toCommonJS\(\s*(\w+)\)/, 'module.exports=$1');
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
