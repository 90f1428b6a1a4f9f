// Package URLs are those that BuildKit and the purl specification write.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { publicAddress } from '../../src/attest/public-address.ts';
import { formatPurl, imagePurl, layoutPurl } from '../../src/attest/purl.ts';
import { licenseExpression } from '../../src/attest/sbom/license.ts';

const platform = { os: 'linux', architecture: 'arm64', variant: 'v8' };
const digest = `sha256:${'a'.repeat(64)}`;
const test = suite('attest/purl');

test('images are named in their short form', () => {
  const suffix = '?platform=linux%2Farm64';
  assert.is(imagePurl('docker.io/library/alpine:3.19', platform), `pkg:docker/alpine@3.19${suffix}`);
  assert.is(imagePurl('moby/buildkit', platform), `pkg:docker/moby/buildkit@latest${suffix}`);
  assert.is(
    imagePurl('localhost:5000/team/app:1', platform),
    `pkg:docker/localhost:5000/team/app@1${suffix}`,
  );
  assert.is(
    imagePurl(`alpine@${digest}`, platform),
    `pkg:docker/alpine?digest=${digest}&platform=linux%2Farm64`,
  );
  assert.is(layoutPurl('base', digest, platform), `pkg:oci/base@${digest}${suffix}`);
});

test('addresses lose what logs in, and nothing else', () => {
  const same = ['git@h.test:a/b.git', 'ssh://git@h.test/a', 'https://h.test/a@b?c=d@e', 'local:x'];
  for (const address of same) assert.is(publicAddress(address), address);
  assert.is(publicAddress('https://user:pw@h.test/a#b'), 'https://h.test/a#b');
  assert.is(publicAddress('https://token@h.test'), 'https://h.test');
  assert.is(publicAddress('ssh://git:pw@h.test/a'), 'ssh://git@h.test/a');
});

test('what a URL has a use for is escaped, qualifiers are sorted and empty ones left out', () => {
  const qualifiers = { z: '1', a: 'x y/ü', e: '', u: undefined };
  assert.is(
    formatPurl({ type: 't', namespace: '@a//b', name: "n?'", version: '1+2~3', qualifiers }),
    'pkg:t/%40a/b/n%3F%27@1%2B2~3?a=x%20y%2F%C3%BC&z=1',
  );
  assert.is(formatPurl({ type: 't', name: '\ud800' }), 'pkg:t/%EF%BF%BD');
});

test('licenses become expressions; what is none gets a name of its own', () => {
  assert.is(licenseExpression(undefined), undefined);
  assert.equal(licenseExpression('MIT OR Apache-2.0'), { expression: 'MIT OR Apache-2.0', extracted: [] });
  const mixed = licenseExpression('MIT and BSD-old, custom:x');
  assert.equal(
    mixed?.extracted.map(({ extractedText }) => extractedText),
    ['BSD-old', 'custom:x'],
  );
  assert.match(mixed?.expression ?? '', /^MIT AND LicenseRef-BSD-old AND LicenseRef-custom-x-[0-9a-f]{8}$/);
  const debian = licenseExpression('GPL-2.0-or-later OR AFL-2.1, and MIT; public-domain');
  assert.is(debian?.expression, '(GPL-2.0-or-later OR AFL-2.1) AND MIT AND LicenseRef-public-domain');
  const deep = licenseExpression(`${'('.repeat(100_000)}MIT`);
  assert.match(deep?.expression ?? '', /^LicenseRef-/);
});

test.run();
