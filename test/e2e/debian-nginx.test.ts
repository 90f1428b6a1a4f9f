// A web server from Debian's packages: pulled base, apt in a step, and the image served by a runtime.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { cachedSteps } from '../support/cli.ts';
import { debianWorkbench, requireDebianWorkbench } from '../support/debian-build.ts';
import { freePort, requireRunc, runBundle } from '../support/run-bundle.ts';

const test = suite('e2e debian nginx');

test('nginx is installed by apt, served from the image, and built again from the cache', async () => {
  if (!requireRunc() || !requireDebianWorkbench()) return;
  await using debian = await debianWorkbench('debian-nginx');
  const image = await debian.image();
  const { config } = image.config;
  assert.is(config.User, 'www-data');
  assert.is(config['StopSignal'], 'SIGQUIT');
  assert.equal((config['Healthcheck'] as { Test: string[] }).Test, ['CMD', 'nginx', '-t', '-q']);
  assert.is(image.files.get('/usr/sbin/nginx')?.mode, 0o755);
  assert.not(image.files.has('/etc/apt/apt.conf.d/90machine'));

  const port = await freePort();
  const nginxConf = join(image.bundle, 'rootfs/etc/nginx/nginx.conf');
  await writeFile(
    nginxConf,
    (await readFile(nginxConf, 'utf8')).replace('127.0.0.1:8080', `127.0.0.1:${port}`),
  );
  await using server = await runBundle(image.bundle);
  assert.match(await server.get(`http://127.0.0.1:${port}/`), 'built without a daemon');

  const idFile = debian.bench.file('id');
  assert.is(cachedSteps(await debian.build([`--iidfile=${idFile}`])), 5);
  assert.is(await readFile(idFile, 'utf8'), image.manifest.config.digest);
});

test.run();
