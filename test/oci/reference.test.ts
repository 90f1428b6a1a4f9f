import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Digest, digestOf } from '../../src/oci/digest.ts';
import {
  familiarReference,
  formatReference,
  parseReference,
  type Reference,
} from '../../src/oci/reference.ts';
import { throws } from '../dockerfile/throws.ts';

const test = suite('reference');
const full = (text: string) => formatReference(parseReference(text));
const digest = digestOf('manifest');

test("what is left out is Docker's", () => {
  assert.is(full('busybox'), 'docker.io/library/busybox:latest');
  assert.is(full('library/busybox'), 'docker.io/library/busybox:latest');
  assert.is(full('me/app:1'), 'docker.io/me/app:1');
  assert.is(full('index.docker.io/busybox'), 'docker.io/library/busybox:latest');
});

test('a first part with a dot, a port or in upper case, and localhost, is a registry', () => {
  assert.is(full('r.example/app'), 'r.example/app:latest');
  assert.is(full('localhost:5000/app'), 'localhost:5000/app:latest');
  assert.is(full('localhost/app'), 'localhost/app:latest');
  assert.is(full('[::1]:5000/app'), '[::1]:5000/app:latest');
  assert.is(full('Host/app'), 'Host/app:latest');
  assert.is(full('host/app'), 'docker.io/host/app:latest');
});

test('a port is no tag', () => {
  assert.equal(parseReference('host:5000/app'), { registry: 'host:5000', repository: 'app', tag: 'latest' });
  assert.equal(parseReference('app:5000'), { registry: 'docker.io', repository: 'library/app', tag: '5000' });
});

test('a digest stands in for the tag, and both may be given', () => {
  assert.equal(parseReference(`app@${digest}`), {
    registry: 'docker.io',
    repository: 'library/app',
    digest,
  });
  assert.is(full(`app:1@${digest}`), `docker.io/library/app:1@${digest}`);
});

test('what is no reference is refused with its reason', () => {
  const reasons: [string, RegExp][] = [
    ['', /no name/],
    [':tag', /no name/],
    ['App', /lower case/],
    ['host/App', /lower case/],
    ['app:', /no tag/],
    ['app:-x', /no tag/],
    [`app:${'x'.repeat(129)}`, /no tag/],
    ['app@sha256:12', /no sha256 digest/],
    [`app@${digest}@${digest}`, /no sha256 digest/],
    ['a//b', /no repository/],
    ['a/../b', /no repository/],
    ['a b', /no repository/],
    ['a___b', /no repository/],
    ['-a', /no repository/],
    ['host_.x:1/app', /no registry/],
    ['https://host/app', /no registry|no repository/],
  ];
  for (const [text, reason] of reasons) throws(() => parseReference(text), 'ERR_BAD_REFERENCE', reason);
});

const part = fc.stringMatching(/^[a-z0-9]{1,4}((\.|_|__|-{1,3})[a-z0-9]{1,3}){0,2}$/);
const registry = fc.constantFrom(
  'docker.io',
  'localhost',
  'localhost:5000',
  'r.example',
  '[::1]:443',
  'Host',
);
const reference = fc
  .record({
    registry,
    path: fc.array(part, { minLength: 1, maxLength: 3 }),
    tag: fc.option(fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,8}$/), { nil: undefined }),
    digest: fc.option(
      fc.string().map((text): Digest => digestOf(text)),
      { nil: undefined },
    ),
  })
  .map(({ registry: host, path, tag, digest: pinned }): Reference => {
    const repository = host === 'docker.io' && path.length === 1 ? `library/${path[0]}` : path.join('/');
    const wanted = tag ?? (pinned ? undefined : 'latest');
    return {
      registry: host,
      repository,
      ...(wanted ? { tag: wanted } : {}),
      ...(pinned ? { digest: pinned } : {}),
    };
  });

test('every reference is parsed from its full form again', () => {
  fc.assert(
    fc.property(reference, (ref) => assert.equal(parseReference(formatReference(ref)), ref)),
    { seed: 1, numRuns: 300 },
  );
});

test('every reference is parsed from its familiar form again', () => {
  fc.assert(
    fc.property(reference, (ref) => assert.equal(parseReference(familiarReference(ref)), ref)),
    { seed: 1, numRuns: 300 },
  );
  for (const text of ['docker.io/library/a/b', 'docker.io/localhost/b'])
    assert.is(full(familiarReference(parseReference(text))), full(text));
});

test('people write official images without registry and library', () => {
  assert.is(familiarReference(parseReference('busybox')), 'busybox:latest');
  assert.is(familiarReference(parseReference('me/app')), 'me/app:latest');
  assert.is(familiarReference(parseReference('r.example/app')), 'r.example/app:latest');
});

test('any text parses or is refused as a reference: nothing else is thrown', () => {
  const sign = fc.constantFrom(
    'a',
    'Z',
    '0',
    '.',
    '-',
    '_',
    '/',
    ':',
    '@',
    '[',
    ']',
    ' ',
    'sha256:',
    '\n',
    'é',
  );
  fc.assert(
    fc.property(fc.array(sign, { maxLength: 12 }), (signs) => {
      const text = signs.join('');
      try {
        assert.is(full(full(text)), full(text));
      } catch (error) {
        throws(() => {
          throw error;
        }, 'ERR_BAD_REFERENCE');
      }
    }),
    { seed: 1, numRuns: 500 },
  );
});

test('a reference that is longer than any is refused before it is looked at', () => {
  throws(() => parseReference('a'.repeat(5_000_000)), 'ERR_BAD_REFERENCE', /5000000 characters/);
  throws(() => parseReference(`${'a/'.repeat(130)}b`), 'ERR_BAD_REFERENCE', /255/);
  assert.is(parseReference(`r.example.com/${'a'.repeat(255)}`).repository.length, 255);
});

test.run();
