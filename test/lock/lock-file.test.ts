import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { formatLockChanges, lockChanges } from '../../src/lock/lock-changes.ts';
import { emptyLock, formatLock, type LockFile, parseLock } from '../../src/lock/lock-file.ts';

const test = suite('lock file');
const digest = (letter: string): string => `sha256:${letter.repeat(64)}`;

const full: LockFile = {
  images: {
    'docker.io/library/busybox:latest': { digest: digest('b'), platforms: { 'linux/amd64': digest('c') } },
    'docker.io/library/alpine:3': {
      digest: digest('a'),
      platforms: { 'linux/arm64': digest('d'), 'linux/amd64': digest('e') },
    },
  },
  git: { 'https://example.com/r.git#main': { ref: 'refs/heads/main', commit: 'f'.repeat(40) } },
  urls: { 'https://example.com/f.tgz': digest('9') },
};

test('what is written is read back, sorted', () => {
  const text = formatLock(full);
  assert.equal(parseLock(text, 'slipway.lock'), full);
  assert.ok(text.indexOf('alpine') < text.indexOf('busybox'));
  assert.ok(text.indexOf('linux/amd64": "sha256:e') < text.indexOf('linux/arm64'));
  assert.is(formatLock(parseLock(text, 'x')), text);
});

test('any names survive, those of the prototype too', () => {
  const hex = fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 64, maxLength: 64 });
  const name = fc.oneof(fc.string(), fc.constantFrom('constructor', 'toString', 'hasOwnProperty'));
  fc.assert(
    fc.property(fc.dictionary(name, hex), (entries) => {
      const urls = Object.fromEntries(
        Object.entries(entries).map(([key, value]) => [key, `sha256:${value}`]),
      );
      assert.equal(
        Object.entries(parseLock(formatLock({ ...emptyLock(), urls }), 'x').urls).sort(),
        Object.entries(urls).sort(),
      );
    }),
    { numRuns: 100, seed: 7 },
  );
});

test('what is no lock file is told with its name', () => {
  const cases: [string, RegExp][] = [
    ['{', /app\.lock is no lock file/],
    ['[]', /holds no object/],
    ['{"version": 2}', /has version 2/],
    ['{"version": 1, "images": {"a": {"digest": "sha256:1"}}}', /entry of images/],
    ['{"version": 1, "git": {"a": {"ref": "--upload-pack=x", "commit": "0"}}}', /entry of git/],
    ['{"version": 1, "urls": {"a": 1}}', /entry of urls/],
    ['{"version": 1, "urls": []}', /entry of urls/],
  ];
  for (const [text, message] of cases) {
    assert.throws(
      () => parseLock(text, 'app.lock'),
      (error: Error) => message.test(error.message),
      text,
    );
  }
});

test('changes are told a line each', () => {
  const after: LockFile = structuredClone(full);
  after.images['docker.io/library/alpine:3'] = {
    digest: digest('1'),
    platforms: { 'linux/arm64': digest('d') },
  };
  after.images['docker.io/library/busybox:latest']!.platforms['linux/s390x'] = digest('2');
  after.git['https://example.com/r.git#main']!.commit = '3'.repeat(40);
  delete after.urls['https://example.com/f.tgz'];
  after.urls['https://example.com/g.tgz'] = digest('4');
  assert.is(
    formatLockChanges(lockChanges(full, after)),
    [
      '~ docker.io/library/alpine:3  sha256:aaaaaaaaaaaa -> sha256:111111111111 -linux/amd64',
      '~ docker.io/library/busybox:latest  sha256:bbbbbbbbbbbb +linux/s390x',
      '~ https://example.com/r.git#main  ffffffffffff -> 333333333333',
      '- https://example.com/f.tgz  sha256:999999999999',
      '+ https://example.com/g.tgz  sha256:444444444444',
      '',
    ].join('\n'),
  );
  assert.equal(lockChanges(full, structuredClone(full)), []);
});

test.run();
