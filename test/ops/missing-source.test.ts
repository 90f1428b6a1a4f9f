// What is said of a source that is not there.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { SlipwayError } from '../../src/errors.ts';
import { mountedPath } from '../../src/ops/mounted-path.ts';
import { dir, file, link, memoryTree } from '../support/memory-tree.ts';
import { copied } from './copy-setup.ts';

const test = suite('ops/missing-source');

const context = memoryTree({
  '/package.json': file('{}'),
  '/src': dir(),
  '/src/main.ts': file(''),
  '/dangling': link('gone/file'),
});

function hintOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    assert.is((error as SlipwayError).code, 'ERR_SOURCE_NOT_FOUND');
    return (error as SlipwayError).hint ?? '';
  }
  throw new Error('the source was found');
}
const copyHint = (path: string) => hintOf(() => copied({ context, sources: [path], to: '/x' }));

test('the nearest name of the folder is offered, as the source is written', () => {
  assert.match(copyHint('pakage.json'), /^did you mean package\.json\? Else: .*\.dockerignore/);
  assert.match(copyHint('/pakage.json'), /^did you mean \/package\.json\?/);
  assert.match(copyHint('scr/main.ts'), /^did you mean src\/main\.ts\?/);
  assert.match(copyHint('src/mian.ts'), /^did you mean src\/main\.ts\?/);
});

test('nothing is offered that is not there', () => {
  for (const path of ['scr/other.ts', 'nothing-like-it', 'package.json/x', 'src/gone/main.ts'])
    assert.match(copyHint(path), /^check the path/, path);
});

test('a source above the context is told apart', () => {
  assert.match(copyHint('../lib'), /above the build context.*--build-context/);
  assert.match(copyHint('src/../../lib'), /above the build context/);
});

test('a link that leads nowhere is told with its end', () => {
  assert.match(copyHint('dangling'), /leads to "\/gone\/file"/);
});

test('of a stage no ignore file is spoken', () => {
  const hint = hintOf(() => mountedPath(context, 'pakage.json', 'the stage or image that is mounted'));
  assert.match(hint, /^did you mean package\.json\?/);
  assert.not.match(hint, /dockerignore/);
});

test.run();
