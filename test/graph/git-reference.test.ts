import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { SlipwayError } from '../../src/errors.ts';
import { isGitReference, parseGitReference } from '../../src/graph/git-reference.ts';
import { redactSource } from '../../src/redact-source.ts';

const test = suite('git-reference');
const parse = (text: string) => {
  const { remote, ref, subdir } = parseGitReference(text)!;
  return [remote, ref, subdir];
};
const refuses = (text: string, says: RegExp): void => {
  try {
    parseGitReference(text);
  } catch (error) {
    assert.instance(error, SlipwayError);
    assert.match((error as Error).message, says);
    return;
  }
  throw new Error(`${text} is taken`);
};

test('over HTTP a repository is what ends in .git; ssh, git and user@host: always are', () => {
  for (const text of [
    'https://example.com/a.git',
    'http://example.com/a.git#main',
    'https://example.com/a.git?branch=x',
    'ssh://git@example.com/a',
    'git://example.com/a',
    'git@example.com:a/b.git',
    'github.com/a/b',
  ])
    assert.ok(isGitReference(text), text);
  for (const text of [
    'https://example.com/a.tgz',
    'https://example.com/a.git/info',
    'https://example.com/x?a.git',
    './github.com/a',
    'file:///a.git',
    'ext::sh -c x',
    '-oProxyCommand=x@host:path',
    'a/b@c:d',
  ])
    assert.not.ok(isGitReference(text), text);
});

test('a fragment holds ref and subdirectory, a query the same by name', () => {
  assert.equal(parse('https://h/a.git'), ['https://h/a.git', undefined, '']);
  assert.equal(parse('https://h/a.git#dev:docs/in'), ['https://h/a.git', 'dev', 'docs/in']);
  assert.equal(parse('https://h/a.git#:docs/'), ['https://h/a.git', undefined, 'docs']);
  assert.equal(parse('git@h:a.git#v1'), ['git@h:a.git', 'v1', '']);
  assert.equal(parse('https://h/a.git?branch=x&subdir=./d'), ['https://h/a.git', 'refs/heads/x', 'd']);
  assert.equal(parse('https://h/a.git?tag=v1'), ['https://h/a.git', 'refs/tags/v1', '']);
  assert.equal(parse('https://h/a.git?ref=x#x:d'), ['https://h/a.git', 'x', 'd']);
  assert.equal(parse('github.com/a/b#x'), ['https://github.com/a/b', 'x', '']);
});

test('switches may stand without a value; a whole commit is a ref, too', () => {
  const commit = 'a'.repeat(40);
  const parsed = parseGitReference(
    `https://h/a.git?keep-git-dir&submodules=false&commit=${commit}&mtime=commit`,
  )!;
  assert.is(parsed.keepGitDir, true);
  assert.is(parsed.submodules, false);
  assert.is(parsed.ref, commit);
  assert.is(parsed.mtime, 'commit');
  assert.is(parseGitReference('https://h/a.git?checksum=abc123')!.ref, undefined);
});

test('what contradicts itself or is not known is refused', () => {
  refuses('https://h/a.git?ref=a#b', /ref conflicts/);
  refuses('https://h/a.git?tag=a&branch=b', /ref conflicts/);
  refuses('https://h/a.git?subdir=a#x:b', /subdir conflicts/);
  refuses('https://h/a.git?ref=a&ref=b', /multiple values/);
  refuses('https://h/a.git?ref=', /no value/);
  refuses('https://h/a.git?depth=1', /unexpected query "depth"/);
  refuses('https://h/a.git?submodules=maybe', /invalid submodules/);
  refuses('https://h/a.git?checksum=xyz', /invalid checksum/);
});

test('no ref can be an option, a pattern or a range; no subdirectory leads out', () => {
  for (const ref of ['--upload-pack=x', '-x', 'a..b', 'a b', '+a', '^a', 'a*', 'a@{1}', 'a\nb', 'a\\b'])
    refuses(`https://h/a.git?ref=${encodeURIComponent(ref)}`, /invalid Git ref/);
  refuses('https://h/a.git#--upload-pack=x', /invalid Git ref/);
  refuses('https://h/a.git#main:../../etc', /invalid subdirectory/);
});

test('messages show no login', () => {
  assert.is(redactSource('https://me:secret@h/a.git#x'), 'https://xxxxx:xxxxx@h/a.git#x');
  assert.is(redactSource('https://token@h/a.git'), 'https://xxxxx@h/a.git');
  assert.is(redactSource('ssh://git@h/a'), 'ssh://git@h/a');
  assert.is(redactSource('plain/path@x'), 'plain/path@x');
  assert.is(redactSource('ADD https://a:b@h/x http://h/y /d'), 'ADD https://xxxxx:xxxxx@h/x http://h/y /d');
});

test.run();
