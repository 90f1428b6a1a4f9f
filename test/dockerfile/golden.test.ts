// Whole files and what they parse to. SLIPWAY_UPDATE_FIXTURES=1 writes the expectations anew: read the difference.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseDockerfile } from '../../src/dockerfile/parse.ts';

const test = suite('golden');
const root = fileURLToPath(new URL('../../fixtures/dockerfiles/', import.meta.url));

/** Ranges as `line:column-line:column`, for short files; the text is in the Dockerfile. */
function shorten(key: string, value: unknown): unknown {
  if (key === 'text' && typeof value === 'string' && value.endsWith('\n')) return undefined;
  if (key !== 'range') return value;
  const { start, end } = value as {
    start: { line: number; column: number };
    end: { line: number; column: number };
  };
  return `${start.line}:${start.column}-${end.line}:${end.column}`;
}

for (const name of readdirSync(root)) {
  test(name, () => {
    const parsed = parseDockerfile(readFileSync(`${root}${name}/Dockerfile`, 'utf8'), 'Dockerfile');
    const written = `${JSON.stringify(parsed, shorten, 2)}\n`;
    const path = `${root}${name}/expected.json`;
    if (process.env['SLIPWAY_UPDATE_FIXTURES']) writeFileSync(path, written);
    assert.fixture(written, readFileSync(path, 'utf8'));
  });
}

test.run();
