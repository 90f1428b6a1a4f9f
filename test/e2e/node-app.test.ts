// An application in several stages, with packages from apt and npm: it is tested in the build, and answers from the image.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { cachedNames } from '../support/cli.ts';
import { debianWorkbench, requireDebianWorkbench } from '../support/debian-build.ts';
import { freePort, requireRunc, runBundle } from '../support/run-bundle.ts';

const test = suite('e2e node app');

test('the application runs from its image, and an edit of its source installs nothing again', async () => {
  if (!requireRunc() || !requireDebianWorkbench()) return;
  await using debian = await debianWorkbench('node-app');
  const image = await debian.image();
  assert.match(image.text('/app/test-report.txt'), /^# fail 0$/m);
  assert.ok(image.files.has('/app/node_modules/micromatch/package.json'));
  assert.not(image.files.has('/usr/bin/npm'), 'the last stage holds what only the build needs');
  assert.not(
    [...image.files.keys()].some((path) => path.startsWith('/root/.npm/')),
    'the cache mount is in the image',
  );
  assert.not(image.files.has('/run/secrets/ca'));

  const port = await freePort();
  await using server = await runBundle(image.bundle, [`PORT=${port}`]);
  assert.is(await server.get(`http://127.0.0.1:${port}/?pattern=g*`), '["gdansk","genoa"]');

  const source = image.text('/app/src/matching.js');
  await debian.bench.write({ 'src/matching.js': `${source}// edited\n` });
  const cached = cachedNames(await debian.build());
  for (const step of [
    'install -y --no-install-recommends nodejs',
    'install -y --no-install-recommends npm',
    'npm ci',
  ]) {
    assert.ok(
      cached.some((name) => name.includes(step)),
      `${step} ran again`,
    );
  }
  assert.not(cached.some((name) => name.includes('node --test')));
});

test.run();
