// docs/ci.md says which rung each kind of container gives, as the test of the ladder finds it, and has command lines that exist.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseArguments } from '../../src/cli/arguments.ts';
import { buildFlags } from '../../src/cli/commands/build-flags.ts';
import { top } from '../support/cli.ts';
import { ladderCases } from '../support/ladder-bench.ts';

const test = suite('docs/ci.md');
const text = readFileSync(join(top, 'docs/ci.md'), 'utf8');

test('each container of the table gives the rung that is tested', () => {
  const rows = [...text.matchAll(/^\| .* <!-- (.*) --> \| (\S+) \|/gm)].map(([, name, rung]) => [name, rung]);
  const tested = ladderCases.filter(
    ({ machine }) => machine?.match(/container|pod/) && machine !== 'container on overlay',
  );
  const expected = tested.map(({ machine, level }) => [machine, level ? `\`${level}\`` : 'none']);
  assert.equal(rows.sort(), expected.sort());
});

test('links lead to files and headings that are there', () => {
  for (const [, file, heading] of text.matchAll(/\]\(([\w.]+)(?:#([\w-]+))?\)/g)) {
    const page = readFileSync(join(top, 'docs', file!), 'utf8');
    const headings = [...page.matchAll(/^#+ (.*)$/gm)].map(([, title]) =>
      title!
        .toLowerCase()
        .replace(/[^\w -]/g, '')
        .replaceAll(' ', '-'),
    );
    if (heading !== undefined) assert.ok(headings.includes(heading), `${file}#${heading}`);
  }
});

test('builds have flags that exist', () => {
  const lines = [...text.matchAll(/slipway build ((?:-|\.)[^\n#`]*)/g)].map(([, words]) => words!.trim());
  assert.ok(lines.length >= 3);
  for (const line of lines)
    parseArguments(
      buildFlags,
      line
        .replace(/[",\]]/g, ' ')
        .trim()
        .split(/\s+/),
      'slipway build',
    );
});

test.run();
