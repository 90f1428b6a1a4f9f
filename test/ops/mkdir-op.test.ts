import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createMkdirOp } from '../../src/ops/mkdir-op.ts';
import { link, memoryTree } from '../support/memory-tree.ts';
import { rejects } from '../support/rejects.ts';
import { fakeEnvironment, firstKey, run } from './op-environment.ts';

const test = suite('mkdir-op');

test('the folders that are missing are made, links of the root followed', async () => {
  const { environment, committed, layered } = fakeEnvironment();
  const root = layered('root', memoryTree({ '/var': link('data'), '/data/x': '' }));
  await run(createMkdirOp({ type: 'mkdir', path: '/var/lib/app', user: '' }, environment), [root]);
  assert.equal(committed, [['data', 'data/lib', 'data/lib/app']]);
});

test('one that is there makes an empty layer', async () => {
  const { environment, committed, layered } = fakeEnvironment();
  const root = layered('root', memoryTree({ '/a/b': '' }));
  await run(createMkdirOp({ type: 'mkdir', path: '/a', user: '' }, environment), [root]);
  assert.equal(committed, [[]]);
});

test('path, user and root count, and no file is looked at for the key', async () => {
  const { environment, layered, viewed } = fakeEnvironment();
  const [one, two] = [layered('one', memoryTree({})), layered('two', memoryTree({}))];
  const key = (path: string, user: string, root = one) =>
    firstKey(createMkdirOp({ type: 'mkdir', path, user }, environment), [root]);
  const keys = await Promise.all([key('/a', ''), key('/b', ''), key('/a', 'x'), key('/a', '', two)]);
  assert.is(new Set(keys).size, 4);
  assert.equal(viewed, []);
});

test('a file in the way is an error', async () => {
  const { environment, layered } = fakeEnvironment();
  const root = layered('root', memoryTree({ '/a': 'file' }));
  const op = createMkdirOp({ type: 'mkdir', path: '/a/b', user: '' }, environment);
  await rejects(run(op, [root]), 'ERR_COPY', /\/a is not a directory/);
});

test.run();
