// The build checks in a build and on their own.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { BuildRequest } from '../../src/build-request.ts';
import { parseArguments } from '../../src/cli/arguments.ts';
import { buildFlags } from '../../src/cli/commands/build-flags.ts';
import { readBuildRequest } from '../../src/cli/commands/read-build-request.ts';
import { createEngine } from '../../src/engine.ts';
import { isSlipwayError } from '../../src/errors.ts';
import type { BuildEvent } from '../../src/solver/events.ts';
import { createTestSession } from '../support/cli-session.ts';
import { tempDir } from '../support/temp-dir.ts';

const test = suite('build/check');

/** A context with these files, an engine, and what the engine told. */
async function bench(files: Record<string, string>) {
  const dir = await tempDir();
  const context = dir.file('context');
  for (const [path, text] of Object.entries({ 'context/a.txt': 'a', ...files })) {
    mkdirSync(dirname(dir.file(path)), { recursive: true });
    writeFileSync(dir.file(path), text);
  }
  const engine = createEngine({
    root: dir.file('state'),
    isolation: 'auto',
    snapshotter: 'copy',
    parallelism: 1,
    env: {},
  });
  const argv = parseArguments(buildFlags, [context], 'slipway build');
  const request = readBuildRequest(argv, createTestSession({ cwd: dir.path }));
  const events: BuildEvent[] = [];
  const options = {
    signal: new AbortController().signal,
    onEvent: (event: BuildEvent) => events.push(event),
  };
  return {
    dir,
    [Symbol.asyncDispose]: () => dir[Symbol.asyncDispose](),
    events,
    build: (changes: Partial<BuildRequest> = {}) => engine.build({ ...request, ...changes }, options),
    check: (changes: Partial<BuildRequest> = {}) => engine.check({ ...request, ...changes }, options),
    /** `line message` of each warning. */
    warnings: () =>
      events.flatMap((event) =>
        event.type === 'warning' ? [`${event.place?.range.start.line} ${event.message}`] : [],
      ),
  };
}

const maintainer = 'MaintainerDeprecated: Maintainer instruction is deprecated in favor of using label';

test('findings are warnings of a build, of its own stages alone', async () => {
  await using work = await bench({
    'context/Dockerfile': 'FROM scratch AS other\nCMD b\nFROM scratch\nMAINTAINER me\nCOPY \\\n\n a.txt /\n',
  });
  await work.build();
  assert.equal(work.warnings(), [`4 ${maintainer}`, '7 NoEmptyContinuation: Empty continuation line']);
  const { findings, failed } = await work.check();
  assert.equal(
    findings.map(({ rule, place }) => `${place.file}:${place.range.start.line} ${rule}`),
    [
      'Dockerfile:2 JSONArgsRecommended',
      'Dockerfile:4 MaintainerDeprecated',
      'Dockerfile:7 NoEmptyContinuation',
    ],
  );
  assert.is(failed, false);
  assert.match(findings[0]!.description, 'JSON form');
});

test('where findings are errors, none of the steps runs', async () => {
  for (const how of ['directive', 'argument']) {
    const directive = how === 'directive' ? '# check=error=true\n' : '\n';
    await using work = await bench({
      'context/Dockerfile': `${directive}FROM scratch\nMAINTAINER me\nCOPY a.txt /\nCMD b\n`,
    });
    const changes = how === 'directive' ? {} : { buildArgs: { BUILDKIT_DOCKERFILE_CHECK: 'error=true' } };
    try {
      await work.build(changes);
      assert.unreachable();
    } catch (error) {
      if (!isSlipwayError(error)) throw error;
      assert.is(error.code, 'ERR_CHECK');
      assert.is(error.message, 'lint violation found for rules: JSONArgsRecommended, MaintainerDeprecated');
      assert.is(error.place?.range.start.line, 3);
      assert.match(error.hint!, 'check=skip=');
    }
    assert.is(work.warnings().length, 2);
    const started = work.events.flatMap((event) => (event.type === 'started' ? [event.vertex.name] : []));
    assert.equal(started, ['[internal] load build definition from Dockerfile']);
    assert.is((await work.check(changes)).failed, true);
  }
});

test('a check knows the ignore file and the target', async () => {
  await using work = await bench({
    'context/Dockerfile': 'FROM scratch AS one\nCOPY a.txt /\nFROM scratch\nCOPY b.log /\nCMD c\n',
    'context/.dockerignore': '*.log\n',
  });
  const rules = async (target?: string) => (await work.check({ target })).findings.map(({ rule }) => rule);
  assert.equal(await rules(), ['CopyIgnoredFile', 'JSONArgsRecommended']);
  assert.equal(await rules('one'), []);
});

test('a build knows what its base image sets', async () => {
  await using work = await bench({
    'context/Dockerfile': 'FROM scratch\nENV LIB=/lib\nSHELL ["/bin/ash", "-c"]\nCOPY a.txt /\n',
    'context/next.Dockerfile': 'FROM base AS x\nENV A=$LIB B=$BIN\nCMD b\n',
  });
  await work.build({ outputs: [{ type: 'oci', dest: work.dir.file('base'), tar: false, names: [] }] });
  const dockerfile = work.dir.file('context/next.Dockerfile');
  const value = `oci-layout://${work.dir.file('base')}`;
  await work.build({ dockerfile, buildContexts: [{ name: 'base', value }] });
  assert.equal(work.warnings(), ["2 UndefinedVar: Usage of undefined variable '$BIN'"]);
  assert.is((await work.check({ dockerfile })).findings.length, 3);
});

test('rules that are named and not there are warned of, by builds and by checks', async () => {
  const text =
    '# check=skip=StageNameCassing,FromAsCasing;experimental=Nothing\nFROM scratch\n# check=skip=all\nLABEL a=1\n# check=skip=UndefinedVra\nLABEL b=1\n';
  await using parts = await bench({ 'context/Dockerfile': text });
  const expected = [
    '1 check: there is no rule "StageNameCassing"',
    '1 check: there is no rule "Nothing"',
    '6 check: there is no rule "UndefinedVra"',
  ];
  assert.equal((await parts.check()).findings, []);
  assert.equal(parts.warnings(), expected);
  const [first] = parts.events.filter((event) => event.type === 'warning');
  assert.is(first?.hint, 'did you mean StageNameCasing?');
  await parts.build({
    outputs: [{ type: 'cacheonly' }],
    buildArgs: { BUILDKIT_DOCKERFILE_CHECK: 'skip=Foo' },
  });
  assert.ok(parts.warnings().includes('undefined check: there is no rule "Foo"'));
});

test.run();
