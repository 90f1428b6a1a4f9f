// The examples of docs/registries.md do what the page says.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { hasDockerRegistry } from '../support/docker-registry.ts';
import { requireFeature } from '../support/require-feature.ts';
import { blocksOf, runExamples } from '../support/run-examples.ts';

const test = suite('docs/registries.md');
const page = 'docs/registries.md';

test('every example runs', async () => {
  if (!requireFeature('docker-registry', hasDockerRegistry())) return;
  const [dockerfile = ''] = blocksOf(page, 'dockerfile');
  const results = await runExamples(page, { Dockerfile: dockerfile });
  const outputOf = (part: string): string => results.find(({ code }) => code.includes(part))!.stdout;
  assert.match(outputOf('slipway login'), /Login Succeeded/);
  assert.match(outputOf('slipway pull'), /Status: .*registry\.example\.com\/team\/app:1\.0/);
  assert.match(
    outputOf('slipway push --all-tags'),
    /app:1\.0: digest: sha256:[\s\S]*app:tested: digest: sha256:/,
  );
  assert.match(outputOf('slipway tags'), /^1\.0$/m);
  assert.match(outputOf('slipway search'), /registry\.example\.com\/prod\/app/);
  const index = JSON.parse(/\{[\s\S]*\}/.exec(outputOf('slipway manifest inspect'))![0]);
  assert.equal(
    index.manifests.map(({ platform }: { platform: { architecture: string } }) => platform.architecture),
    ['amd64', 'arm64'],
  );
  assert.match(outputOf('slipway logout'), /Removed the login/);
});

test.run();
