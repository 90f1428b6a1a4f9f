// The README's examples are run: library code prints what its comments say, and command lines have flags that exist.
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseArguments } from '../src/cli/arguments.ts';
import { buildFlags } from '../src/cli/commands/build-flags.ts';
import { takeTraceFlag } from '../src/cli/trace-flag.ts';
import type { ErrorCode } from '../src/errors.ts';

const test = suite('README');
const top = resolve(import.meta.dirname, '..');
const text = readFileSync(join(top, 'README.md'), 'utf8');
const blocks = (language: string): string[] =>
  [...text.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(([, code]) => code!);

test('what locates words prints what the comment says', () => {
  const code = blocks('ts').find((block) => block.includes('locateWords'))!;
  const expected = /console\.log\(.*\); \/\/ (.*)/.exec(code)![1]!;
  // Inside the package its name resolves to itself.
  const file = join(top, `readme-example.${process.pid}.mjs`);
  writeFileSync(file, code);
  try {
    assert.is(execFileSync('node', [file], { encoding: 'utf8' }).trim(), expected);
  } finally {
    rmSync(file);
  }
});

test('every build line has flags that exist', () => {
  const lines = blocks('sh').flatMap((block) => block.split('\n'));
  const builds = lines.flatMap((line) => /^slipway build (.*?)(?: &&.*)?(?:\s+#.*)?$/.exec(line)?.[1] ?? []);
  assert.ok(builds.length >= 5, `${builds.length} build lines`);
  for (const line of builds) {
    const { argv } = takeTraceFlag({ flags: buildFlags }, line.trim().split(/\s+/));
    parseArguments(buildFlags, argv, 'slipway build');
  }
});

test('every error code is explained', () => {
  const codes = readFileSync(join(top, 'src/errors.ts'), 'utf8').match(/'ERR_[A-Z_]+'/g)!;
  const missing = [...new Set(codes)]
    .map((code) => code.slice(1, -1) as ErrorCode)
    .filter((code) => !text.includes(`\`${code}\``));
  assert.equal(missing, []);
});

test.run();
