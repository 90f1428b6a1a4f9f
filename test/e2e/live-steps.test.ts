// Steps that begin before the ones below them are packed: what comes of them is what comes of steps that wait.
import { copyFileSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { cachedSteps, startSlipway } from '../support/cli.ts';
import { requireWorkbench, workbench } from '../support/workbench.ts';

const test = suite('e2e live steps');

const count = (letter: string): string => `--mount=type=cache,id=runs,target=/c echo ${letter} >> /c/runs`;

const dockerfile = `FROM base AS one
RUN ${count('a')}; mkdir -p /srv/x; echo 1 > /srv/x/a; chmod 700 /srv
WORKDIR /srv/deep/er
COPY file /srv/x/b
RUN ${count('b')}; rm -r /srv/x; echo 2 > /srv/two
RUN ${count('c')}; ls /srv > /list
FROM base
COPY --from=one /list /list
RUN --mount=from=one,target=/m ${count('d')}; cat /m/srv/two > /three; sort /c/runs > /runs
`;

const keysIn = (root: string): string[] =>
  readdirSync(join(root, 'cache-v2'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.json'))
    .sort();

test('steps that do not wait have the results and the records of those that do', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench({ Dockerfile: dockerfile, file: 'content' });
  const image = await bench.image();
  assert.is(image.text('/list'), 'deep\ntwo\n');
  assert.is(image.text('/three'), '2\n');
  // Where all partial keys are known, every step waits.
  const root = `${bench.root}-patient`;
  mkdirSync(root);
  copyFileSync(join(bench.root, 'partial-keys-v1'), join(root, 'partial-keys-v1'));
  const patient = await bench.build([], { root });
  assert.is(cachedSteps(patient), 0);
  assert.equal(keysIn(root), keysIn(bench.root));
  assert.is(cachedSteps(await bench.build()), 7);
});

test('of two builds at once each step is run by one', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench({ Dockerfile: dockerfile, file: 'content' });
  await Promise.all([bench.build(), bench.build()]);
  assert.is((await bench.image()).text('/runs'), 'a\nb\nc\nd\n');
});

test('a step that fails leaves what was made below it', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench({ Dockerfile: 'FROM base\nRUN echo 1 > /a\nRUN cat /a; exit 7\n' });
  assert.match((await bench.fail()).stderr, /exit code: 7/);
  await bench.write({ Dockerfile: 'FROM base\nRUN echo 1 > /a\nRUN cat /a\n' });
  assert.is(cachedSteps(await bench.build()), 1);
});

test('a kill while a step runs on what is not stored leaves a store that the next build uses', async () => {
  if (!requireWorkbench()) return;
  const wait = 'if [ ! -e /c/again ]; then touch /c/again; echo in the step; sleep 600; fi; cat /a';
  await using bench = await workbench({
    Dockerfile: `FROM base\nRUN echo 1 > /a\nRUN --mount=type=cache,target=/c ${wait}\nRUN cp /a /b\n`,
  });
  const args = ['build', '--progress=plain', bench.base.flag, bench.context];
  const child = startSlipway(args, { root: bench.root, cwd: bench.path });
  let said = '';
  for await (const chunk of child.stderr!) {
    said += String(chunk);
    if (/^#\d+ [\d.]+ in the step$/m.test(said)) child.kill('SIGKILL');
  }
  assert.is((await bench.image()).text('/b'), '1\n');
});

test.run();
