import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createGrants } from '../../src/registry/grants.ts';

const test = suite('grants');
const access = (...scopes: string[]) => ({ registry: 'r', repository: 'a', scopes });

test('a grant serves whatever needs less', () => {
  const grants = createGrants(() => 0);
  grants.add(access('repository:a/b:pull,push', 'repository:base:pull'), { header: 'H', expires: 9 });
  for (const scopes of [['repository:a/b:pull'], ['repository:a/b:push', 'repository:base:pull'], []])
    assert.is(grants.find(access(...scopes)), 'H', scopes.join());
  for (const scope of ['repository:a/b:delete', 'repository:a:pull', 'repository:base:push', 'x', ''])
    assert.is(grants.find(access(scope)), undefined, scope);
  assert.is(grants.find({ ...access('repository:a/b:pull'), registry: 'other' }), undefined);
});

test('what ran out or was refused is not used again', () => {
  let now = 0;
  const grants = createGrants(() => now);
  grants.add(access('x:a:pull'), { header: 'one', expires: 5 });
  grants.add(access('x:b:pull'), { header: 'two', expires: 50 });
  now = 5;
  assert.is(grants.find(access('x:a:pull')), undefined);
  assert.is(grants.find(access('x:b:pull')), 'two');
  grants.drop('r', 'two');
  assert.is(grants.find(access('x:b:pull')), undefined);
});

test.run();
