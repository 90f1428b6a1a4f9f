// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the rules under test write groups so.
// Source policies: what rules match, which of them wins, what they make of images, URLs and repositories.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { SlipwayError } from '../../src/errors.ts';
import { parseSourcePolicy } from '../../src/graph/parse-source-policy.ts';
import { createSourcePolicy, type RemoteOp } from '../../src/graph/source-policy.ts';
import type { GitOp, HttpOp, ImageOp } from '../../src/graph/vertex.ts';

const test = suite('graph/source-policy');

interface Rule {
  action?: string | number;
  selector?: object;
  updates?: object;
}

const rule = (action: string, identifier: string, updates?: object, selector: object = {}): Rule => ({
  action,
  selector: { identifier, ...selector },
  ...(updates ? { updates } : {}),
});

const place = { range: { start: { line: 3, column: 1 }, end: { line: 3, column: 9 } } };

function apply<O extends RemoteOp>(rules: Rule[], op: O): O {
  const text = JSON.stringify({ version: 1, rules });
  return createSourcePolicy(parseSourcePolicy(text, 'policy.json'), 'policy.json')(op, place);
}

function failure(work: () => unknown): SlipwayError {
  try {
    work();
  } catch (error) {
    assert.instance(error, SlipwayError);
    return error as SlipwayError;
  }
  throw new Error('no error');
}

const image = (reference: string): ImageOp => ({
  type: 'image',
  origin: { kind: 'registry', reference },
  platform: { os: 'linux', architecture: 'amd64' },
});
const http = (url: string, checksum?: string): HttpOp => ({ type: 'http', url, checksum });
const git = (remote: string, ref?: string, subdir = ''): GitOp => ({
  ...{ type: 'git', remote, ref, subdir, checksum: undefined },
  ...{ keepGitDir: false, submodules: true, mtime: undefined },
});
const nameOf = ({ origin }: ImageOp): string => origin.reference;
const alpine = 'docker-image://docker.io/library/alpine:latest';

test('of the rules that allow and deny, the last one that fits wins', () => {
  const denied = (rules: Rule[]): boolean => {
    try {
      apply(rules, image('alpine'));
      return false;
    } catch {
      return true;
    }
  };
  assert.ok(denied([rule('DENY', '*')]));
  assert.ok(denied([rule('ALLOW', alpine), rule('DENY', 'docker-image://*')]));
  assert.not(denied([rule('DENY', '*'), rule('ALLOW', 'docker-image://docker.io/library/*')]));
  assert.not(denied([rule('DENY', 'docker-image://docker.io/library/busybox*')]));
  assert.not(denied([rule('DENY', 'https://*')]));
  assert.not(denied([]));
});

test('a source that is denied is named with its line and its rule', () => {
  const error = failure(() =>
    apply([rule('ALLOW', '*'), rule('DENY', 'docker-image://*/alpine:*')], image('alpine')),
  );
  assert.is(error.code, 'ERR_NOT_ALLOWED');
  assert.is(error.message, `the source ${alpine} is denied by policy`);
  assert.equal(error.place, place);
  assert.match(error.hint ?? '', 'rule 2 of policy.json (DENY docker-image://*/alpine:*)');
});

test('three ways to match', () => {
  const hits = (identifier: string, matchType: string | number): boolean => {
    try {
      apply([rule('DENY', identifier, undefined, { matchType })], image('alpine'));
      return false;
    } catch (error) {
      return (error as SlipwayError).code === 'ERR_NOT_ALLOWED';
    }
  };
  assert.ok(hits(alpine, 'EXACT'));
  assert.not(hits('docker-image://docker.io/library/alpine*', 'EXACT'));
  assert.ok(hits('docker-image://docker.io/library/alpine*', 'WILDCARD'));
  assert.not(hits('docker.io/library/alpine*', 'WILDCARD'));
  assert.not(hits('docker-image://docker.io/library/alpin.:latest', 'WILDCARD'));
  assert.ok(hits('library/alpin.', 'REGEX'));
  assert.ok(hits('(?i)ALPINE:latest$', 'REGEX'));
  assert.not(hits('^alpine', 'REGEX'));
  assert.ok(hits('alpine', 2));
});

test('an image becomes another one, and what came of it is looked at again', () => {
  const pin = `docker.io/library/alpine:latest@sha256:${'a'.repeat(64)}`;
  assert.is(
    nameOf(apply([rule('CONVERT', alpine, { identifier: `docker-image://${pin}` })], image('alpine'))),
    pin,
  );
  const mirror = [
    rule('CONVERT', 'docker-image://docker.io/library/*', {
      identifier: 'docker-image://registry.example.com/mirror/${1}',
    }),
    rule(
      'CONVERT',
      '^docker-image://registry.example.com/mirror/(?P<name>[^:]+):latest$',
      {
        identifier: 'docker-image://registry.example.com/mirror/${name}:3',
      },
      { matchType: 'REGEX' },
    ),
  ];
  assert.is(nameOf(apply(mirror, image('alpine'))), 'registry.example.com/mirror/alpine:3');
  const shut = [...mirror, rule('DENY', 'docker-image://registry.example.com/*')];
  assert.match(
    failure(() => apply(shut, image('alpine'))).message,
    'registry.example.com/mirror/alpine:3 is denied',
  );
});

test('rules that turn into each other end', () => {
  const other = 'docker-image://docker.io/library/busybox:latest';
  const rules = [
    rule('CONVERT', alpine, { identifier: other }),
    rule('CONVERT', other, { identifier: alpine }),
  ];
  assert.match(failure(() => apply(rules, image('alpine'))).message, 'without end');
});

test('a URL gets a checksum or another address', () => {
  const checksum = `sha256:${'b'.repeat(64)}`;
  const url = 'https://example.com/a.tar.gz';
  assert.is(
    apply([rule('CONVERT', url, { attrs: { 'http.checksum': checksum } })], http(url)).checksum,
    checksum,
  );
  const moved = apply(
    [rule('CONVERT', 'https://example.com/*', { identifier: 'https://mirror.example.org/$1' })],
    http(url),
  );
  assert.equal(moved, http('https://mirror.example.org/a.tar.gz'));
  const unchecked = rule('DENY', 'https://*', undefined, {
    constraints: [{ key: 'http.checksum', value: '^sha256:', condition: 'MATCHES' }],
  });
  assert.equal(apply([unchecked], http(url)), http(url));
  assert.is(failure(() => apply([unchecked], http(url, checksum))).code, 'ERR_NOT_ALLOWED');
});

test('a repository gets another ref, checksum or place', () => {
  const remote = 'https://example.com/a/b.git';
  const moved = apply(
    [rule('CONVERT', 'git://example.com/a/b.git', { identifier: 'git://example.com/a/b.git#v1:docs' })],
    git(remote),
  );
  assert.equal([moved.remote, moved.ref, moved.subdir], [remote, 'v1', 'docs']);
  const commit = '1'.repeat(40);
  const checked = apply(
    [rule('CONVERT', 'git://*', { attrs: { 'git.checksum': commit } })],
    git(remote, 'main'),
  );
  assert.equal([checked.ref, checked.checksum], ['main', commit]);
  const elsewhere = apply(
    [rule('CONVERT', 'git://example.com/*', { identifier: 'git://example.org/${1}' })],
    git('git@example.com:a/b.git', 'v2'),
  );
  assert.equal([elsewhere.remote, elsewhere.ref], ['https://example.org/a/b.git', 'v2']);
  const login = failure(() => apply([rule('DENY', '*')], git('https://me:secret@example.com/a/b.git')));
  assert.not.match(`${login.message} ${login.hint}`, 'secret');
});

test('what a source can not become is refused', () => {
  for (const [updates, op] of [
    [{ identifier: 'https://example.com/x' }, image('alpine')],
    [{ identifier: 'docker-image://alpine' }, http('https://example.com/a')],
    [{ attrs: { 'image.resolvemode': 'pull' } }, image('alpine')],
  ] as const) {
    const error = failure(() => apply([rule('CONVERT', '*', updates)], op));
    assert.is(error.code, 'ERR_UNSUPPORTED');
    assert.equal(error.place, place);
    assert.match(error.hint ?? '', 'rule 1 of policy.json');
  }
  const broken = failure(() =>
    apply([rule('CONVERT', '*', { identifier: 'docker-image://UPPER CASE' })], image('alpine')),
  );
  assert.is(broken.code, 'ERR_BAD_REFERENCE');
});

test('what is no policy says where it is wrong', () => {
  const wrong = (text: string, says: string): void => {
    const error = failure(() => parseSourcePolicy(text, 'policy.json'));
    assert.is(error.code, 'ERR_USAGE');
    assert.match(error.message, says);
  };
  wrong('{', 'policy.json: it is no JSON');
  wrong('[]', 'the policy is no object');
  wrong('{"version": 2}', 'version 2');
  wrong('{"rules": {}}', 'rules is no list');
  wrong(
    '{"rules": [{"action": "PERMIT", "selector": {"identifier": "*"}}]}',
    'the action of rule 1 is ALLOW, DENY, CONVERT',
  );
  wrong('{"rules": [{"action": "DENY"}]}', 'rule 1 has no selector');
  wrong('{"rules": [{"action": "CONVERT", "selector": {"identifier": "*"}}]}', 'it has no updates');
  wrong('{"rules": [{"action": "DENY", "selector": {"identifer": "*"}}]}', 'unknown field "identifer"');
  wrong(
    '{"rules": [{"action": "DENY", "selector": {"identifier": "(", "matchType": "REGEX"}}]}',
    'no regular expression',
  );
});

test.run();
