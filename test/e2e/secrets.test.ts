// Builds with secrets: what would be committed with a value in it is refused with its place, and nothing that is kept or shown has one.
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { runCommand } from '../support/run-command.ts';
import { filesWith, formsOf } from '../support/secret-leaks.ts';
import { requireWorkbench, type Workbench, workbench } from '../support/workbench.ts';

const test = suite('e2e secrets');

const value = 'open/sesame+551?x';
const wrong = 'holds the value of secret s';
const flags = ['--secret=id=s,env=WORD'];
const env = { WORD: value };

const forms = formsOf(value);
const filesWithValue = (...folders: string[]): string[] => filesWith(forms, ...folders);

function clean(bench: Workbench, ...said: string[]): void {
  assert.equal(filesWithValue(bench.path), []);
  for (const text of said) for (const form of forms) assert.not.ok(text.includes(form), text);
}

const mount = 'RUN --mount=type=secret,id=s,env=S';
const encoded = Buffer.from(value).toString('base64');

/** What is refused, and what the error names. */
const refused: [what: string, step: string, named: RegExp][] = [
  ['content', `${mount} mkdir /d && echo "$S" > /d/f`, /the layer of this step "\/d\/f"/],
  ['content, base64', `${mount} echo "x$S" | base64 > /f`, /"\/f" holds the value of secret s \(base64\)/],
  ['content, hex', `${mount} printf %s "$S" | xxd -p > /f`, /\(hex\)/],
  ['content across chunks', `${mount} (head -c 1047040 /dev/zero; echo "$S") > /big`, /"\/big"/],
  ['a name', `${mount} mkdir -p "/d/$S"`, /the name "\/d\/\*\*\*|the name/],
  ['a link', `${mount} ln -s "/x$S" /l`, /the target of the link "\/l"/],
  ['a file of the context', 'COPY leak /leak', /"\/leak"/],
];

for (const [what, step, named] of refused) {
  test(`refused with line and path: ${what}`, async () => {
    if (!requireWorkbench()) return;
    await using bench = await workbench({ Dockerfile: `FROM base\nRUN true\n${step}\nRUN true\n` });
    // Outside of what is looked at afterwards: it is the source of the leak.
    if (step.startsWith('COPY')) await bench.write({ leak: `key=${encodeURIComponent(value)}` });
    const { stderr, stdout } = await bench.fail([...flags, '--output=type=image', '-t', 'app'], { env });
    assert.match(stderr, named);
    assert.match(stderr, wrong);
    assert.match(stderr, 'Dockerfile:3');
    if (step.startsWith('COPY')) await bench.write({ leak: '' });
    clean(bench, stdout, stderr);
  });
}

const committed: [what: string, dockerfile: string, more: string[], named: RegExp][] = [
  ['a variable of the image', 'ARG A\nENV E=$A', [`--build-arg=A=${value}`], /variable E of the image/],
  ['the Dockerfile itself', `ENV E=${value}`, [], /variable E of the image/],
  ['a label', 'LABEL l=x', [`--label=key=${encoded}`], /label key of the image/],
  ['the history of a step', 'ARG A\nRUN true', [`--build-arg=A=${value}`], /variable A of the step/],
  [
    'an annotation',
    'RUN true',
    [`--annotation=a=${value}`, '--output=type=oci,dest=out.tar'],
    /the image's manifest/,
  ],
  [
    'the provenance',
    'RUN true',
    [`--build-arg=UNUSED=${value}`, '--provenance=mode=max', '--output=type=oci,dest=out.tar'],
    /the attestation https:\/\/slsa/,
  ],
];

for (const [what, lines, more, named] of committed) {
  test(`refused: ${what}`, async () => {
    if (!requireWorkbench()) return;
    await using bench = await workbench({ Dockerfile: `FROM base\n${lines}\n` });
    const { stderr, stdout } = await bench.fail([...flags, ...more], { env });
    assert.match(stderr, wrong);
    assert.match(stderr, named);
    await bench.write({ Dockerfile: '' });
    clean(bench, stdout, stderr);
  });
}

test('what a step says is masked, in plain, raw and terminal progress, in errors, records, traces and metadata', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench({
    Dockerfile: `FROM base\n${mount} echo "it is $S."; printf '${value.slice(0, 5)}'; sleep 0.1; echo '${value.slice(5)}' >&2; printf %s "$S" | base64\n`,
  });
  // The text of the step has two halves of it, which is none.
  const said: string[] = [];
  for (const progress of ['plain', 'rawjson', 'tty']) {
    const { stderr } = await bench.build(
      [
        ...flags,
        `--progress=${progress}`,
        '--no-cache',
        '--provenance=mode=max',
        `--metadata-file=${bench.file('meta.json')}`,
        `--trace=${bench.file('trace.json')}`,
        `--cache-to=type=local,dest=${bench.file('cache')},mode=max`,
        `--output=type=oci,dest=${bench.file('out.tar')}`,
      ],
      { env },
    );
    said.push(stderr);
  }
  assert.match(said[0]!, 'it is ***.');
  await bench.write({ Dockerfile: `FROM base\n${mount} echo "$S" >&2; exit 3\n` });
  const failed = await bench.fail(flags, { env });
  const debugged = await bench.slipway(['build', '--debug', bench.base.flag, ...flags, bench.context], {
    env,
  });
  assert.match(debugged.stderr, /\n\s+at /);
  assert.match(failed.stderr, '***');
  const explained = await bench.slipway(['explain', '--json']).catch(() => undefined);
  clean(bench, ...said, failed.stderr, failed.stdout, debugged.stderr, explained?.stdout ?? '');
});

test('a cache mount that holds a value is not exported, and says so', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench({
    Dockerfile: `FROM base\nRUN --mount=type=secret,id=s,env=S --mount=type=cache,target=/c echo "$S" > /c/f\n`,
  });
  const cache = bench.file('cache');
  const to = `--cache-to=type=local,dest=${cache},mode=max,mounts=true`;
  const { stderr } = await bench.build([...flags, to], { env });
  assert.match(stderr, /cache mount .* is not exported: .*holds the value of secret s/);
  assert.equal(filesWithValue(cache), []);
});

test('--secret-check=warn lets it pass with a warning, off without; by SLIPWAY_SECRET_CHECK, too', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench({ Dockerfile: `FROM base\n${mount} echo "$S" > /f\n` });
  const warned = await bench.build([...flags, '--secret-check=warn'], { env });
  assert.match(warned.stderr, /"\/f" holds the value of secret s/);
  const more = { ...env, SLIPWAY_SECRET_CHECK: 'off' };
  const quiet = await bench.build([...flags, '--no-cache'], { env: more });
  assert.not.match(quiet.stderr, 'holds the value');
});

test('a cached layer that was not searched is, before it goes anywhere, with its line and path', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench({
    Dockerfile: `FROM base\nRUN mkdir /d\n${mount} echo "x $S" > /d/f\nRUN true\n`,
  });
  await bench.build([...flags, '--secret-check=off'], { env });
  const outputs = [
    [`--output=type=oci,dest=${bench.file('out.tar')}`],
    [`--output=type=local,dest=${bench.file('out')}`],
    ['-t', 'app'],
    ['-t', 'app', '--squash'],
    [`--cache-to=type=local,dest=${bench.file('cache')}`, '--output=type=cacheonly'],
  ];
  for (const output of outputs) {
    const { stderr } = await bench.fail([...flags, ...output], { env });
    assert.match(stderr, /"\/d\/f" holds the value of secret s/);
    assert.match(stderr, output.length === 2 && output[0] !== '-t' ? 'the layer of' : 'Dockerfile:3');
    assert.not.match(stderr, value);
  }
  const warned = await bench.build([...flags, '--secret-check=warn', '-t', 'app'], { env });
  assert.match(warned.stderr, /"\/d\/f" holds the value of secret s/);
  // Who has another secret has none of it, and what nobody gets is not searched.
  await bench.build([...flags, '-t', 'app'], { env: { WORD: 'another-value-1' } });
  await bench.build([...flags, '--output=type=cacheonly'], { env });
});

test('a layer is searched once for each value, by whoever packs it or finds it', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench({
    Dockerfile: 'FROM base\nRUN echo one > /one\nCOPY two /two\n',
    two: '2',
  });
  const searched = async (word: string, ...more: string[]): Promise<number> => {
    const trace = bench.file('trace.json');
    await bench.build([...flags, `--trace=${trace}`, ...more], { env: { WORD: word } });
    return readFileSync(trace, 'utf8').split('"search for secrets"').length - 1;
  };
  assert.is(await searched(value), 0);
  assert.is(await searched(value), 0);
  assert.is(await searched('another-value-1'), 2);
  assert.is(await searched('another-value-1'), 0);
  assert.is(await searched(value), 0);
  assert.is(await searched('test'), 0);
  assert.is(await searched('third-value-1', '--secret-check=off'), 0);
  assert.is(await searched('third-value-1', '--output=type=cacheonly'), 0);
  // Marks are of this store alone, and no digests of the value.
  const key = statSync(join(bench.root, 'search-key'));
  assert.equal([key.size, key.mode & 0o777], [32, 0o600]);
  assert.is((await bench.slipway(['doctor', '--store'])).code, 0);
  assert.equal(filesWithValue(bench.root), []);
});

test('bake searches for the secrets of all its targets', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench({ Dockerfile: 'FROM base\nCOPY leak /leak\n', leak: value });
  await bench.write({
    'docker-bake.json': JSON.stringify({
      group: { default: { targets: ['a', 'b'] } },
      target: {
        a: { context: '.', secret: ['id=s,env=WORD'], 'dockerfile-inline': 'FROM scratch\nWORKDIR /a\n' },
        b: { context: '.', 'dockerfile-inline': 'FROM scratch\nCOPY leak /leak\n' },
      },
    }),
  });
  const result = await bench.slipway(['bake', '-f', join(bench.context, 'docker-bake.json')], {
    cwd: bench.context,
    env,
  });
  assert.is.not(result.code, 0);
  assert.match(result.stderr, /"\/leak" holds the value of secret s/);
});

test('a secret may come through a pipe, which can be read once', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench({
    Dockerfile:
      'FROM base\nRUN --mount=type=secret,id=s cat /run/secrets/s\nRUN --mount=type=secret,id=s test -s /run/secrets/s\n',
  });
  const pipe = bench.file('pipe');
  assert.is((await runCommand(['mkfifo', pipe])).code, 0);
  const writing = runCommand(['sh', '-c', 'printf %s "$1" > "$2"', 'sh', value, pipe]);
  const { stderr } = await bench.build(['--progress=plain', `--secret=id=s,src=${pipe}`]);
  assert.is((await writing).code, 0);
  assert.match(stderr, / \*\*\*\n/);
  clean(bench, stderr);
});

test('each target of a bake is as strict as it says, also with a layer that two share', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench({ Dockerfile: `FROM base\n${mount} echo "$S" > /f\n` });
  const target = (name: string, more: object): object => ({
    ...{
      context: '.',
      secret: ['id=s,env=WORD'],
      contexts: { base: bench.base.flag.replace('--build-context=base=', '') },
      tags: [`${name}:1`],
    },
    ...more,
  });
  const bake = async (targets: Record<string, object>, ...more: string[]) => {
    await bench.write({
      'docker-bake.json': JSON.stringify({
        group: { default: { targets: Object.keys(targets) } },
        target: targets,
      }),
    });
    const file = join(bench.context, 'docker-bake.json');
    return bench.slipway(['bake', '-f', file, ...more], { cwd: bench.context, env });
  };
  const off = target('a', { 'secret-check': 'off' });
  const alone = await bake({ a: off });
  assert.is(alone.code, 0, alone.stderr);
  assert.not.match(alone.stderr, 'holds the value');
  const labelled = target('c', { 'secret-check': 'off', labels: { l: value } });
  const both = await bake({ a: off, b: target('b', { 'secret-check': 'warn' }), c: labelled });
  assert.is(both.code, 0, both.stderr);
  assert.match(both.stderr, /"\/f" holds the value of secret s/);
  assert.not.match(both.stderr, 'label');
  const strict = await bake({ a: off, d: target('d', {}) });
  assert.is.not(strict.code, 0);
  assert.match(strict.stderr, /target d: .*"\/f" holds the value of secret s/);
  assert.is((await bake({ a: off, d: target('d', {}) }, '--secret-check=off')).code, 0);
});

test.run();
