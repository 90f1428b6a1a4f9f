// How many requests a build takes at a registry that wants tokens and keeps its blobs elsewhere.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { haveBusybox } from '../support/busybox-base.ts';
import { cacheBench } from '../support/cache-bench.ts';
import { hasDockerRegistry, startDockerRegistry } from '../support/docker-registry.ts';
import { faultLogin, startFaultProxy } from '../support/fault-proxy.ts';
import { pushImage } from '../support/push-image.ts';
import { requireFeature } from '../support/require-feature.ts';
import { smallImage } from '../support/small-image.ts';

const test = suite('requests to a registry with tokens');

test('an empty machine with a warm cache asks once for each token, and moves no layer', async () => {
  const registry = await startDockerRegistry();
  const base = smallImage({ layers: [Buffer.alloc(1024)] });
  await pushImage({ host: registry.host, repository: 'base' }, base, 'latest');
  const manners = {
    ...{ auth: { tokenUses: 1000 }, storage: true, uploadsElsewhere: false },
    ...{ heads: true, mounts: true, relative: true },
  };
  const proxy = await startFaultProxy({ target: registry.host, manners, fault: () => undefined });
  const steps = ['a', 'b', 'c'];
  try {
    await using bench = await cacheBench({
      Dockerfile: [`FROM ${proxy.host}/base`, ...steps.map((name) => `COPY ${name} /`)].join('\n'),
      ...Object.fromEntries(steps.map((name) => [name, name])),
    });
    const login = `--creds=${faultLogin.username}:${faultLogin.password}`;
    const place = `type=registry,ref=${proxy.host}/app:cache`;
    const output = (tag: string): string => `--output=type=registry,name=${proxy.host}/app:${tag}`;
    await bench.build('a', [login, `--cache-to=${place},mode=max`, output('1')]);
    proxy.log.splice(0);
    const build = await bench.build('b', [login, `--cache-from=${place}`, output('2')]);
    assert.equal(build.ran, []);
    const count = (pattern: RegExp): number => proxy.log.filter((line) => pattern.test(line)).length;
    const all = proxy.log.join('\n');
    // To push to the application, and to read it and the base.
    assert.ok(count(/\(token\)/) <= 3, all);
    // What begins at once, before it is known that there are tokens.
    assert.ok(count(/ 401$/) <= 3, all);
    // Configs of the base and of the cache.
    assert.is(count(/\(storage\)/), 2, all);
    assert.is(count(/\(upload-(chunk|end)\)/), 0, all);
    assert.ok(proxy.log.length - count(/ 401$|\((token|storage)\)/) <= 9, all);
    assert.equal(proxy.leaked, []);
    proxy.log.splice(0);
    await bench.build('a', [login, '--output=type=cacheonly']);
    assert.equal(proxy.log, [], 'a rebuild where it was built asks nothing');
  } finally {
    await proxy.stop();
    await registry.stop();
  }
});

if (requireFeature('docker-registry', hasDockerRegistry()) && requireFeature('busybox-static', haveBusybox))
  test.run();
