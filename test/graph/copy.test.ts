import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { destinationPath } from '../../src/graph/copy.ts';
import { throws } from '../dockerfile/throws.ts';
import { planned } from './plan-setup.ts';

const test = suite('copy');

function copyOf(text: string) {
  const { vertex } = planned(`FROM scratch\n${text}`).target;
  if (vertex?.op.type !== 'copy') throw new Error('there is no COPY');
  return { ...vertex.op, inputs: vertex.inputs };
}

test('a destination is absolute; a slash or dot at its end says that it is a directory', () => {
  const cases: [string, string][] = [
    ['/a', '/a'],
    ['a', '/w/a'],
    ['a/', '/w/a/'],
    ['.', '/w/'],
    ['./', '/w/'],
    ['a/.', '/w/a/'],
    ['..', '/'],
    ['/', '/'],
    ['/a/../b', '/b'],
    ['../../..', '/'],
    ['.a', '/w/.a'],
    ['a..', '/w/a..'],
    ['', '/w'],
  ];
  for (const [written, path] of cases) assert.is(destinationPath(written, '/w'), path, written);
});

test('variables work in sources, destination and flags', () => {
  const op = copyOf(`ENV A=x\nCOPY --chown=$A:1 --chmod=$B --exclude=$A* $A \${A}y/ /$A/`);
  assert.equal(
    op.sources.map((source) => source.type === 'path' && source.path),
    ['x', 'xy/'],
  );
  assert.equal([op.destination, op.chown, op.chmod, op.excludes], ['/x/', 'x:1', undefined, ['x*']]);
});

test('--link with --chmod is a plain copy: what is there keeps its mode', () => {
  const linked = ['--link', '--link --chmod=600', '--link --chmod=$NONE'].map(
    (flags) => copyOf(`COPY ${flags} a /d/`).link,
  );
  assert.equal(linked, [true, false, true]);
});

test('all paths of one COPY share one input', () => {
  assert.equal(
    copyOf('COPY a b c /d/').inputs.map((input) => input?.op.type),
    [undefined, 'context'],
  );
});

test('an unquoted heredoc has its variables replaced, a quoted one not', () => {
  const data = (text: string) =>
    copyOf(text).sources.map((source) => source.type === 'inline' && source.data);
  assert.equal(data('ENV A=1\nCOPY <<E /x\n$A\nE'), ['1\n']);
  assert.equal(data('ENV A=1\nCOPY <<"E" /x\n$A\nE'), ['$A\n']);
});

test('ADD unpacks what is local, COPY nothing; --unpack decides for ADD', () => {
  assert.equal(
    [
      'ADD a /',
      'COPY a /',
      'ADD --unpack=false a /',
      'ADD http://h/a /',
      'ADD --unpack=true http://h/a /',
    ].map((text) => copyOf(text).unpack),
    [true, false, false, false, true],
  );
});

test('ADD fetches URLs, each an input of its own, with its checksum', () => {
  const sum = `sha256:${'0'.repeat(64)}`;
  const { inputs } = copyOf(`ENV V=2\nADD --checksum=${sum} http://h/a-$V.tgz /`);
  assert.equal(inputs[1]?.op, { type: 'http', url: 'http://h/a-2.tgz', checksum: sum });
});

test('what can not be copied is refused at its line', () => {
  const line = (text: string, says: RegExp) =>
    throws(() => copyOf(text), 'ERR_SYNTAX', says).place?.range.start.line;
  assert.is(line('COPY http://h/a /', /use ADD/), 2);
  assert.is(line('COPY $NONE /', /empty source/), 2);
  assert.is(line(`ADD --checksum=sha256:${'0'.repeat(64)} a /`, /checksum requires/), 2);
});

test.run();
