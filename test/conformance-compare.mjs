#!/usr/bin/env node
// Holds the results of conformance cases against the list of those that are known to pass.
// usage: conformance-compare.mjs RESULTS.json [--update]. Exits 1 where a listed case fails or is gone.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const list = join(import.meta.dirname, 'conformance-passing.txt');
const args = process.argv.slice(2);
const update = args.includes('--update');
const file = args.find((arg) => !arg.startsWith('--'));
if (file === undefined) {
  console.error('usage: conformance-compare.mjs RESULTS.json [--update]');
  process.exit(2);
}

const { results } = JSON.parse(readFileSync(file, 'utf8'));
const problems = new Map(results.map((result) => [result.name, result.ok ? undefined : result.problems]));
const passing = results
  .filter((result) => result.ok)
  .map((result) => result.name)
  .sort();
const listed = readFileSync(list, 'utf8').split('\n').filter(Boolean);
const lost = listed.filter((name) => !passing.includes(name));
const won = passing.filter((name) => !listed.includes(name));

for (const name of lost) {
  console.log(`no longer passes: ${name}`);
  for (const line of (problems.get(name) ?? ['it was not run']).join('\n').split('\n'))
    console.log(`    ${line}`);
}
for (const name of won) console.log(`passes now: ${name}`);
if (update) writeFileSync(list, passing.map((name) => `${name}\n`).join(''));
else if (won.length > 0) console.log('To list them: node test/conformance-compare.mjs RESULTS.json --update');
console.log(
  `conformance: ${passing.length} passed, ${lost.length} lost, ${results.length - passing.length} failed in all`,
);
process.exitCode = lost.length > 0 && !update ? 1 : 0;
