// A command line is read as docker reads it, and what can't be read is told with the way to mend it.
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Arguments, type Flag, parseArguments } from '../../src/cli/arguments.ts';
import { buildFlags } from '../../src/cli/commands/build-flags.ts';
import { SlipwayError } from '../../src/errors.ts';

const flags = [
  { name: 'tag', short: 't', type: 'list', value: 'NAME', group: 'g', help: '' },
  { name: 'target', type: 'text', value: 'STAGE', group: 'g', help: '' },
  { name: 'network', type: 'text', choices: ['host', 'none'], group: 'g', help: '' },
  { name: 'quiet', short: 'q', type: 'boolean', group: 'g', help: '' },
  { name: 'debug', short: 'D', type: 'boolean', group: 'g', help: '' },
  {
    name: 'push',
    type: 'boolean',
    group: 'g',
    help: '',
    unsupported: { way: 'use skopeo', except: ['false'] },
  },
  { name: 'ssh', type: 'list', group: 'g', help: '', unsupported: { way: 'use a file' } },
] as const satisfies readonly Flag[];

type Name = (typeof flags)[number]['name'];

const parse = (...argv: string[]) => parseArguments<Name>(flags, argv, 'slipway test');

function failure(...argv: string[]): SlipwayError {
  try {
    parse(...argv);
  } catch (error) {
    assert.instance(error, SlipwayError);
    return error as SlipwayError;
  }
  throw new Error('no error');
}

const test = suite('cli/arguments');

test('every spelling of a value is the same', () => {
  for (const argv of [['--tag=a'], ['--tag', 'a'], ['-t', 'a'], ['-ta'], ['-t=a']]) {
    assert.equal(parse(...argv).lists, { tag: ['a'] }, argv.join(' '));
  }
});

test('a value keeps its equals signs, and may begin with a dash or be empty', () => {
  assert.equal(parse('--tag', 'a=b=c', '--tag=-x', '-t', '--', '--tag=', '-t', '-').lists.tag, [
    'a=b=c',
    '-x',
    '--',
    '',
    '-',
  ]);
});

test('booleans take a value only with an equals sign', () => {
  assert.equal(parse('--quiet', 'false').booleans, { quiet: true });
  assert.equal(parse('--quiet', 'false').positionals, ['false']);
  assert.equal(parse('--quiet=false', '-D=1').booleans, { quiet: false, debug: true });
  assert.match(failure('--quiet=maybe').message, /--quiet.*"maybe"/);
});

test('letters of booleans can be written together, the last may take a value', () => {
  const given = parse('-qDt', 'a', 'b');
  assert.equal(given.booleans, { quiet: true, debug: true });
  assert.equal(given.lists, { tag: ['a'] });
  assert.equal(given.positionals, ['b']);
});

test('the last of several texts counts, lists keep all', () => {
  const given = parse('--target', 'a', '.', '--target=b', '-t', '1', '--tag', '2');
  assert.is(given.texts.target, 'b');
  assert.equal(given.lists.tag, ['1', '2']);
  assert.equal(given.positionals, ['.']);
});

test('nothing is a flag after --, and - is never one', () => {
  assert.equal(parse('-', '--', '--tag', '-q').positionals, ['-', '--tag', '-q']);
});

test('an unknown flag is a usage error that suggests the nearest', () => {
  const error = failure('--tagret', 'x');
  assert.is(error.code, 'ERR_USAGE');
  assert.match(error.message, '--tagret');
  assert.match(error.hint!, 'did you mean --target?');
  assert.match(failure('-x').message, '-x');
  assert.match(failure('-qx').message, '-x (in -qx)');
  assert.match(failure('--completely-else').hint!, 'slipway test --help');
});

test('a missing value and a value that is no choice are told', () => {
  assert.match(failure('--target').message, '--target needs a value');
  assert.match(failure('--target').hint!, 'STAGE');
  assert.match(failure('--network=hots').hint!, 'host');
});

test('an unsupported flag is an error with the way round, unless it asks for nothing', () => {
  const error = failure('--push');
  assert.is(error.code, 'ERR_UNSUPPORTED');
  assert.match(error.message, '--push');
  assert.is(error.hint, 'use skopeo');
  assert.is(failure('--ssh').code, 'ERR_UNSUPPORTED');
  assert.is(failure('--ssh=default').code, 'ERR_UNSUPPORTED');
  assert.equal(parse('--push=false').booleans, { push: false });
});

test('flags of build have names and letters of their own', () => {
  const names = buildFlags.map((flag) => flag.name);
  const letters = buildFlags.flatMap((flag) => flag.short ?? []);
  assert.is(new Set(names).size, names.length);
  assert.is(new Set(letters).size, letters.length);
  for (const flag of buildFlags) assert.ok(flag.help.length > 0 && flag.group.length > 0, flag.name);
});

/** One way to write down what was read. */
function print(given: Arguments<Name>, short: boolean): string[] {
  const words: string[] = [];
  for (const [name, value] of Object.entries(given.booleans)) words.push(`--${name}=${value}`);
  for (const [name, value] of Object.entries(given.texts)) words.push(`--${name}`, value);
  for (const value of given.lists.tag ?? []) words.push(...(short ? [`-t=${value}`] : [`--tag=${value}`]));
  return [...words, '--', ...given.positionals];
}

test('what is printed is read back as it was', () => {
  const text = fc.string({ unit: fc.constantFrom('-', '=', 't', 'q', ',', '"', ' ', 'é'), maxLength: 6 });
  const given = fc.record(
    {
      booleans: fc.record(
        { quiet: fc.boolean(), debug: fc.boolean() },
        { requiredKeys: [], noNullPrototype: true },
      ),
      texts: fc.record(
        { target: text, network: fc.constantFrom('host', 'none') },
        { requiredKeys: [], noNullPrototype: true },
      ),
      lists: fc.record(
        { tag: fc.array(text, { minLength: 1, maxLength: 4 }) },
        { requiredKeys: [], noNullPrototype: true },
      ),
      positionals: fc.array(text, { maxLength: 4 }),
    },
    { noNullPrototype: true },
  );
  fc.assert(
    fc.property(given, fc.boolean(), (one, short) => {
      assert.equal(parse(...print(one as Arguments<Name>, short)), one);
    }),
    { seed: 7, numRuns: 200 },
  );
});

test.run();
