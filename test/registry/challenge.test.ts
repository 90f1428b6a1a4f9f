import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isSlipwayError } from '../../src/errors.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { formatReference, parseReference } from '../../src/oci/reference.ts';
import { parseChallenges } from '../../src/registry/challenge.ts';

const test = suite('challenge');

test('schemes and their parameters are read', () => {
  assert.equal(
    parseChallenges(
      'Bearer realm="https://auth.example/token",service="reg",scope="repository:a/b:pull,push"',
    ),
    [
      {
        scheme: 'bearer',
        parameters: {
          realm: 'https://auth.example/token',
          service: 'reg',
          scope: 'repository:a/b:pull,push',
        },
      },
    ],
  );
  assert.equal(parseChallenges('BASIC Realm = plain'), [{ scheme: 'basic', parameters: { realm: 'plain' } }]);
  assert.equal(parseChallenges(''), []);
});

test('several challenges are told apart, in one header or in more', () => {
  const expected = [
    { scheme: 'negotiate', parameters: {} },
    { scheme: 'basic', parameters: { realm: 'a, "b"' } },
    { scheme: 'bearer', parameters: { realm: 'c' } },
  ];
  assert.equal(parseChallenges('Negotiate, Basic realm="a, \\"b\\"", Bearer realm=c'), expected);
  assert.equal(parseChallenges(['Negotiate', 'Basic realm="a, \\"b\\""', 'Bearer realm="c"']), expected);
});

test('of a parameter given twice the first counts', () => {
  assert.is(parseChallenges('Bearer realm="a", realm="b"')[0]?.parameters['realm'], 'a');
});

test('parameters with the names of object members are only parameters', () => {
  const [challenge] = parseChallenges('Bearer __proto__="x", constructor="y"');
  assert.is(Object.getPrototypeOf(challenge!.parameters), Object.prototype);
  assert.equal(Object.entries(challenge!.parameters), [
    ['__proto__', 'x'],
    ['constructor', 'y'],
  ]);
});

test('any text is read without failing, and fast', () => {
  const piece = fc.constantFrom('Bearer', ' ', ',', '=', '"', '\\', 'realm', 'x', '\n', '\u00ff');
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(piece, { maxLength: 60 }).map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(text, (header) => {
      for (const { scheme, parameters } of parseChallenges(header)) {
        assert.type(scheme, 'string');
        for (const value of Object.values(parameters)) assert.type(value, 'string');
      }
    }),
    { numRuns: 2000, seed: 1, interruptAfterTimeLimit: 2000 },
  );
  parseChallenges('"'.repeat(16_384));
  parseChallenges(`a="${'\\'.repeat(16_384)}`);
  parseChallenges('a '.repeat(8192));
});

const lower = fc.stringMatching(/^[a-z0-9]{1,6}$/);
const component = fc
  .array(fc.tuple(fc.constantFrom('.', '_', '__', '-', '---'), lower), { maxLength: 2 })
  .chain((rest) => lower.map((first) => first + rest.map((pair) => pair.join('')).join('')));
const registry = fc.oneof(
  fc.constantFrom('docker.io', 'localhost', 'localhost:5000', '127.0.0.1:5000', '[::1]:5000', 'Reg:80'),
  fc.stringMatching(/^[a-z0-9]{1,5}\.[a-z]{2,4}(:[1-9][0-9]{1,3})?$/),
);
const reference = fc.record({
  registry,
  repository: fc.array(component, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/')),
  tag: fc.option(fc.stringMatching(/^\w[\w.-]{0,20}$/), { nil: undefined }),
  digest: fc.option(fc.string().map(digestOf), { nil: undefined }),
});

test('a reference that is written out reads as itself', () => {
  fc.assert(
    fc.property(reference, ({ registry: host, repository, tag, digest }) => {
      const once = parseReference(
        formatReference({
          registry: host,
          repository,
          ...(tag ? { tag } : {}),
          ...(digest ? { digest } : {}),
        }),
      );
      assert.equal(parseReference(formatReference(once)), once);
      assert.is(once.registry, host);
      assert.is(once.tag, tag ?? (digest ? undefined : 'latest'));
      assert.is(once.digest, digest);
      const inLibrary = host === 'docker.io' && !repository.includes('/');
      assert.is(once.repository, inLibrary ? `library/${repository}` : repository);
    }),
    { numRuns: 1000, seed: 2, interruptAfterTimeLimit: 2000 },
  );
});

test('any text is a reference that reads as itself, or a clear error', () => {
  const piece = fc.constantFrom(
    'a',
    'B',
    '/',
    ':',
    '@',
    '.',
    '-',
    '_',
    '5',
    '[',
    ']',
    'sha256:',
    '\n',
    'localhost',
  );
  const text = fc.oneof(
    fc.string(),
    fc.array(piece, { maxLength: 12 }).map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(text, (input) => {
      let parsed: ReturnType<typeof parseReference>;
      try {
        parsed = parseReference(input);
      } catch (error) {
        assert.ok(isSlipwayError(error) && error.code === 'ERR_BAD_REFERENCE', String(error));
        return;
      }
      assert.equal(parseReference(formatReference(parsed)), parsed);
    }),
    { numRuns: 5000, seed: 3, interruptAfterTimeLimit: 2000 },
  );
});

test.run();
