// Which command lines begin again in a user namespace.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { needsNamespace } from '../../src/cli/needs-namespace.ts';

const test = suite('cli/needs-namespace');
const ann = { uid: 1000, env: {} };
const root = { uid: 0, env: {} };

test('who is not root needs one for what runs steps, unpacks or deletes', () => {
  if (process.platform !== 'linux') return;
  for (const command of ['build', 'bake', 'run', 'bench', 'prune', 'du', 'rmi'])
    assert.ok(needsNamespace(command, ['.'], ann), command);
  for (const command of ['lint', 'images', 'push', 'login', 'version', 'explain'])
    assert.not(needsNamespace(command, ['.'], ann), command);
});

test('what only asks needs none', () => {
  for (const word of ['--check', '--print', '--call=outline', '--help'])
    assert.not(needsNamespace('build', [word, '.'], ann), word);
});

test('root has one where it is asked for, by flag or variable; the flag wins', () => {
  if (process.platform !== 'linux') return;
  assert.ok(needsNamespace('build', ['--isolation=rootless', '.'], root));
  assert.ok(needsNamespace('build', ['--isolation', 'rootless', '.'], root));
  assert.ok(needsNamespace('build', ['.'], { ...root, env: { SLIPWAY_ISOLATION: 'rootless' } }));
  const env = { SLIPWAY_ISOLATION: 'rootless' };
  assert.not(needsNamespace('build', ['--isolation=sandbox', '.'], { ...root, env }));
  assert.not(needsNamespace('run', ['--isolation=oci', 'image', '--', '--isolation=rootless'], root));
});

test.run();
