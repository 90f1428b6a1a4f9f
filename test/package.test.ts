// What package.json and its lockfile promise to a new checkout.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

interface Entry {
  version?: string;
  resolved?: string;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

const read = (name: string) => JSON.parse(readFileSync(join(import.meta.dirname, '..', name), 'utf8'));
const packages = read('package-lock.json').packages as Record<string, Entry>;
const test = suite('package');

test('the lockfile holds every package it names, those of other platforms too: without them npm ci gives up', () => {
  const missing = Object.entries(packages).flatMap(([path, entry]) =>
    Object.keys({ ...entry.dependencies, ...entry.devDependencies, ...entry.optionalDependencies })
      .filter((name) => !packages[`node_modules/${name}`] && !packages[`${path}/node_modules/${name}`])
      .map((name) => `${path || 'package.json'} needs ${name}`),
  );
  assert.equal(missing, []);
});

test('the lockfile names no registry: npm ci asks the one that is configured', () => {
  const resolved = Object.entries(packages).filter(([, entry]) => entry.resolved !== undefined);
  assert.equal(
    resolved.map(([path]) => path),
    [],
  );
});

test('package.json and the lockfile agree on the direct dependencies', () => {
  const { dependencies, devDependencies, optionalDependencies } = read('package.json') as Entry;
  const { '': locked } = packages;
  assert.equal(locked?.dependencies, dependencies);
  assert.equal(locked?.devDependencies, devDependencies);
  assert.equal(locked?.optionalDependencies, optionalDependencies);
});

test.run();
