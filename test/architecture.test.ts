// Holds the shape of src/: which folder may import which, what the pure ones may use, and how long files get.
import { readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import glob from 'fast-glob';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

interface Row {
  /** Rows further up that this one may import; it may always import itself. */
  may: readonly string[];
  /** Builtins and packages besides; all of them where undefined. */
  modules?: readonly string[];
  /** Every import is of types alone. */
  typesOnly?: true;
}

const adapter = ['trace.ts', 'seams.ts', 'fs', 'tree', 'oci', 'errors.ts'];
const parts = [
  ...[
    'trace.ts',
    'errors.ts',
    'oci',
    'dockerfile',
    'graph',
    'lint',
    'lock',
    'seams.ts',
    'build-record.ts',
    'explain',
    'inspect',
    'replay',
    'replay-report',
    'tree',
    'solver',
    'fs',
    'ops',
    'build-request.ts',
    'registry-settings.ts',
    'run-request.ts',
    'image-request.ts',
    'bake',
    'bake-request.ts',
    'attest',
    'cache-format',
    'secrets',
    'erofs',
    'usage',
  ],
  ...[
    'remote-cache',
    'context',
    'store',
    'layer',
    'snapshot',
    'runtime',
    'ssh',
    'registry',
    'source',
    'export',
  ],
];

// Ordered: a row imports only rows above it, so that no cycle between folders can be written.
const rows: Record<string, Row> = {
  'errors.ts': { may: [], modules: [] },
  'trace.ts': { may: [], modules: [] },
  'nearest.ts': { may: [], modules: [] },
  'redact-source.ts': { may: [], modules: [] },
  oci: { may: ['errors.ts'], modules: ['node:crypto'] },
  dockerfile: { may: ['oci', 'errors.ts', 'nearest.ts'], modules: ['dockerfile-ast', 'node:path/posix'] },
  regexp: { may: ['errors.ts'], modules: [] },
  yaml: { may: ['errors.ts'], modules: ['yaml'] },
  graph: {
    may: ['regexp', 'dockerfile', 'oci', 'errors.ts', 'nearest.ts', 'redact-source.ts'],
    modules: ['node:crypto', 'node:path/posix'],
  },
  lock: { may: ['oci', 'errors.ts'], modules: [] },
  lint: {
    may: ['yaml', 'graph', 'dockerfile', 'oci', 'errors.ts', 'nearest.ts'],
    modules: ['node:crypto', 'node:path/posix', 'unbash', 'spdx-expression-parse', 'yaml'],
  },
  'seams.ts': { may: ['oci', 'errors.ts'], modules: [], typesOnly: true },
  'build-record.ts': { may: ['seams.ts', 'oci', 'errors.ts'], modules: [], typesOnly: true },
  explain: { may: ['build-record.ts', 'seams.ts', 'oci', 'errors.ts'], modules: [] },
  inspect: { may: ['seams.ts', 'oci', 'errors.ts'], modules: [] },
  replay: {
    may: ['explain', 'inspect', 'build-record.ts', 'seams.ts', 'oci', 'errors.ts'],
    modules: ['node:path/posix'],
  },
  'replay-report': {
    may: [
      'replay',
      'explain',
      'inspect',
      'build-record.ts',
      'lint',
      'graph',
      'dockerfile',
      'oci',
      'errors.ts',
    ],
    modules: ['node:crypto', 'node:path/posix'],
  },
  tree: {
    may: ['seams.ts', 'oci', 'errors.ts', 'dockerfile'],
    modules: ['node:crypto', 'node:path/posix'],
  },
  solver: { may: ['trace.ts', 'seams.ts', 'graph', 'oci', 'errors.ts'], modules: [] },
  fs: { may: ['trace.ts', 'errors.ts', 'oci'] },
  erofs: { may: ['fs', 'seams.ts', 'errors.ts'], modules: [] },
  ops: { may: [...adapter, 'graph', 'dockerfile', 'solver', 'nearest.ts'] },
  usage: {
    may: ['seams.ts', 'tree', 'graph', 'dockerfile', 'ops', 'oci', 'errors.ts'],
    modules: [],
  },
  'build-request.ts': { may: ['oci', 'errors.ts'], modules: [], typesOnly: true },
  'registry-settings.ts': { may: [], modules: [], typesOnly: true },
  'run-request.ts': { may: ['oci', 'errors.ts', 'seams.ts'], modules: [], typesOnly: true },
  'image-request.ts': { may: ['oci', 'errors.ts'], modules: [], typesOnly: true },
  attest: {
    may: ['seams.ts', 'tree', 'graph', 'dockerfile', 'oci', 'errors.ts'],
    modules: ['node:crypto', 'spdx-expression-parse'],
  },
  secrets: { may: [], modules: [] },
  'cache-format': { may: ['seams.ts', 'oci', 'errors.ts'], modules: [] },
  bake: {
    may: ['yaml', 'regexp', 'dockerfile', 'oci', 'errors.ts', 'build-request.ts', 'nearest.ts'],
    modules: ['yaml', 'node:crypto', 'node:path/posix'],
  },
  'bake-request.ts': { may: ['build-request.ts', 'errors.ts'], modules: [], typesOnly: true },
  lsp: {
    may: ['lint', 'dockerfile', 'errors.ts'],
    modules: [
      'vscode-languageserver',
      'vscode-languageserver/node',
      'vscode-languageserver-textdocument',
      'node:path',
      'node:url',
    ],
  },
  // The adapters: none knows another.
  context: { may: [...adapter, 'dockerfile'] },
  store: { may: [...adapter, 'build-record.ts'] },
  layer: { may: [...adapter, 'erofs'] },
  snapshot: { may: [...adapter, 'erofs'] },
  runtime: { may: adapter },
  ssh: { may: adapter },
  registry: { may: [...adapter, 'registry-settings.ts'] },
  source: { may: adapter },
  'remote-cache': { may: [...adapter, 'build-request.ts'] },
  export: { may: [...adapter, 'build-request.ts'] },
  userns: { may: ['runtime', 'fs', 'seams.ts', 'oci', 'errors.ts'] },
  // Composition: engine.ts and what it is made of. Then the faces of it all.
  build: { may: [...parts, 'redact-source.ts'] },
  images: { may: [...parts, 'build'] },
  'index.ts': { may: [...parts, 'build', 'images'] },
  tracing: { may: ['trace.ts', 'errors.ts'] },
  cli: {
    may: ['index.ts', 'lsp', 'tracing', 'userns', 'trace.ts', 'errors.ts', 'nearest.ts', 'redact-source.ts'],
  },
};

const LONGEST = 400;
const MEDIAN = 80;
const P90 = 250;

const src = resolve(import.meta.dirname, '../src');
const files = (await glob('**/*.ts', { cwd: src })).sort();

/** The row of a path below src: its folder, or itself at the top. */
function rowOf(path: string): string {
  if (path === 'engine.ts') return 'build';
  return path.includes('/') ? path.slice(0, path.indexOf('/')) : path;
}

/** Every import and re-export of a file, with the line it stands on. */
function importsOf(text: string): { specifier: string; typeOnly: boolean; line: number }[] {
  const statement = /^(?:import|export)\b([^'";]*?\bfrom\s*|\s*)'([^']+)'|\bimport\(\s*'([^']+)'\s*\)/gm;
  return [...text.matchAll(statement)].map((match) => ({
    specifier: match[2] ?? match[3] ?? '',
    typeOnly: /^(?:import|export)\s+type\b/.test(match[0]),
    line: text.slice(0, match.index).split('\n').length,
  }));
}

/** Why a file may not import what it imports; undefined where it may. */
function objection(file: string, specifier: string, typeOnly: boolean): string | undefined {
  // Its options are the build's words, too; what it calls is above all.
  const name = file === 'engine.ts' ? 'index.ts' : rowOf(file);
  const row = rows[name];
  if (row === undefined) return `${name} has no row in this test's table`;
  if (row.typesOnly && !typeOnly) return `${name} may import types only`;
  if (!specifier.startsWith('.')) {
    if (typeOnly || row.modules === undefined || row.modules.includes(specifier)) return undefined;
    return `${name} may not use ${specifier}`;
  }
  if (!specifier.endsWith('.ts')) return 'the specifier must end in .ts';
  const target = relative(src, join(src, dirname(file), specifier));
  if (target.startsWith('..')) return 'the file lies outside of src';
  if (!files.includes(target)) return 'there is no such file';
  const wanted = rowOf(target);
  if (wanted === name || row.may.includes(wanted)) return undefined;
  return `${name} may not import ${wanted}`;
}

const test = suite('architecture');

test('every row of the table here is one of the table in ARCHITECTURE.md', () => {
  const text = readFileSync(resolve(src, '../ARCHITECTURE.md'), 'utf8');
  const table = text.slice(text.indexOf('## Folders'), text.indexOf('## Read in this order'));
  const owners = [...table.matchAll(/^\| (`[^|]*) \|/gm)].map(([, names]) => names!).join();
  for (const name of Object.keys(rows))
    assert.ok(owners.includes(`\`${name.endsWith('.ts') ? name : `${name}/`}\``), `${name} is not explained`);
});

test('the table lists rows in order: each imports only rows above it', () => {
  const names = Object.keys(rows);
  for (const [position, name] of names.entries()) {
    for (const other of rows[name]?.may ?? []) {
      assert.ok(
        names.slice(0, position).includes(other),
        `${name} lists ${other}, which does not stand above it`,
      );
    }
  }
});

test('every folder imports only what its row allows', () => {
  const problems: string[] = [];
  for (const file of files) {
    const text = readFileSync(join(src, file), 'utf8');
    if (rows[rowOf(file)] === undefined) {
      problems.push(`${file}: ${rowOf(file)} has no row in this test's table`);
      continue;
    }
    for (const { specifier, typeOnly, line } of importsOf(text)) {
      const why = objection(file, specifier, typeOnly);
      if (why !== undefined) problems.push(`${file}:${line}: '${specifier}': ${why}`);
    }
  }
  assert.equal(problems, []);
});

test('the check sees what it must refuse', () => {
  const first = (text: string) => importsOf(text)[0]!;
  assert.is(first("import { a } from './x.ts';").typeOnly, false);
  assert.is(first("import type { a } from './x.ts';").typeOnly, true);
  assert.is(first("import {\n  a,\n  b,\n} from './x.ts';").specifier, './x.ts');
  assert.is(first("const a = await import('./x.ts');").specifier, './x.ts');
  assert.is(first("export * from './x.ts';").specifier, './x.ts');
  assert.is(first("import 'node:fs';").specifier, 'node:fs');
  assert.match(objection('oci/digest.ts', 'node:fs', false) ?? '', 'oci may not use node:fs');
  assert.match(objection('oci/digest.ts', '../seams.ts', true) ?? '', 'oci may not import seams.ts');
  assert.match(objection('unheard-of/a.ts', '../errors.ts', false) ?? '', 'no row');
  assert.match(objection('seams.ts', './oci/digest.ts', false) ?? '', 'types only');
  assert.is(objection('fs/anything.ts', 'node:fs', false), undefined);
});

test('pure code reads no clock, environment or process', () => {
  const pure = [
    'errors.ts',
    'oci',
    'dockerfile',
    'graph',
    'lint',
    'seams.ts',
    'tree',
    'solver',
    'bake',
    'build-request.ts',
    'attest',
    'cache-format',
    'erofs',
    'replay-report',
  ];
  const impure = /\bprocess\.(?!arch\b)|\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bfetch\(/;
  const problems: string[] = [];
  for (const file of files.filter((path) => pure.includes(rowOf(path)))) {
    for (const [index, line] of readFileSync(join(src, file), 'utf8').split('\n').entries()) {
      const code = line.replace(/^\s*(\/\/|\*|\/\*).*/, '');
      if (impure.test(code)) problems.push(`${file}:${index + 1}: ${line.trim()}`);
    }
  }
  assert.equal(problems, []);
});

test('what there are many of is made without getters of its own', () => {
  const many = ['dockerfile', 'graph', 'lint', 'oci', 'tree'];
  const problems: string[] = [];
  for (const file of files.filter((path) => many.includes(rowOf(path)))) {
    const text = readFileSync(join(src, file), 'utf8');
    // Biome indents the members of a class once, if it stands at the top of its file, and those of a literal deeper.
    for (const [getter] of text.matchAll(/^ {4,}[gs]et \w+\(.*\{$/gm))
      problems.push(`${file}: ${getter.trim()}`);
  }
  assert.equal(problems, []);
});

test(`no file is longer than ${LONGEST} lines, half are at most ${MEDIAN}, nine in ten at most ${P90}`, () => {
  const lengths = files
    .map((file) => ({ file, lines: readFileSync(join(src, file), 'utf8').split('\n').length - 1 }))
    .sort((a, b) => a.lines - b.lines);
  const tooLong = lengths
    .filter(({ lines }) => lines > LONGEST)
    .map(({ file, lines }) => `${file}: ${lines}`);
  assert.equal(tooLong, []);
  const at = (share: number) =>
    lengths[Math.min(lengths.length - 1, Math.floor(lengths.length * share))]?.lines ?? 0;
  assert.ok(at(0.5) <= MEDIAN, `the median file has ${at(0.5)} lines`);
  assert.ok(at(0.9) <= P90, `one file in ten has ${at(0.9)} lines or more`);
});

test.run();
