// Every example of docs/bake.md is what it says: the bake file, and below it what --print shows.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readBake } from '../../src/bake/read-bake.ts';
import { bakeInput } from './bake-input.ts';

const test = suite('bake docs');
const text = readFileSync(resolve(import.meta.dirname, '../../docs/bake.md'), 'utf8');
const names: Record<string, string> = { hcl: 'docker-bake.hcl', yaml: 'compose.yaml' };
const blocks = [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, language, body]) => ({
  language: language!,
  body: body!,
}));
const examples = blocks.flatMap(({ language, body }, index) =>
  Object.hasOwn(names, language) ? [{ name: names[language]!, body, printed: blocks[index + 1] }] : [],
);

test('there are examples', () => assert.ok(examples.length >= 5));

for (const [index, { name, body, printed }] of examples.entries()) {
  test(`example ${index + 1}, ${name}`, async () => {
    assert.is(printed?.language, 'json');
    assert.is((await readBake(bakeInput({ [name]: body }))).print(), printed?.body);
  });
}

test.run();
