// Bake files and what --print shows of them, as docker's bake does.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readBake } from '../../src/bake/read-bake.ts';
import { bakeInput } from './bake-input.ts';

const test = suite('bake goldens');
const folder = resolve(import.meta.dirname, '../../fixtures/bake');
const names = ['compose.yaml', 'docker-bake.json', 'docker-bake.hcl', 'docker-bake.override.hcl'];

for (const name of readdirSync(folder)) {
  const path = (file: string): string => join(folder, name, file);
  test(name, async () => {
    const files = names.filter((file) => existsSync(path(file)));
    const options = existsSync(path('options.json'))
      ? JSON.parse(readFileSync(path('options.json'), 'utf8'))
      : {};
    const texts = Object.fromEntries(files.map((file) => [file, readFileSync(path(file), 'utf8')]));
    const plan = await readBake(bakeInput(texts, options));
    assert.is(plan.print(), readFileSync(path('expected.json'), 'utf8'));
  });

  test(`${name}: what is printed is a bake file that prints the same`, async () => {
    const text = readFileSync(path('expected.json'), 'utf8');
    const printed = JSON.parse(text);
    const names = Object.keys(printed.group).length > 0 ? [] : ['default'];
    const again = JSON.parse((await readBake(bakeInput({ 'docker-bake.json': text }, { names }))).print());
    assert.equal(again.target, printed.target);
  });
}

test.run();
