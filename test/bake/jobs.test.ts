// `bake --plan`: what the jobs are, and that the readers of each engine take them.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { NoOperationTraceWriter, parseWorkflow } from '@actions/workflow-parser';
import { Job } from 'kubernetes-models/batch/v1';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse, parseAllDocuments } from 'yaml';
import { shellWord } from '../../src/bake/jobs/job-script.ts';
import { planJobs } from '../../src/bake/jobs/plan-jobs.ts';
import {
  type BakePlan,
  type JobEngine,
  type JobOptions,
  printJobs,
  readBake,
} from '../../src/bake/read-bake.ts';
import type { SlipwayError } from '../../src/errors.ts';
import { git } from '../support/git-server.ts';
import { runCommand } from '../support/run-command.ts';
import { tempDir } from '../support/temp-dir.ts';

const test = suite('bake jobs');

const file = `
group "default" { targets = ["App_server", "tool", "extra"] }
target "App_server" {
  contexts = { lib = "target:tool", base = "target:base" }
  tags = ["registry.example.com/team/app:1.0", "localhost:5000/app"]
  platforms = ["linux/amd64", "linux/arm64"]
}
target "base" {}
target "tool" {
  tags = ["registry.example.com/team/tool"]
  platforms = ["linux/arm64"]
}
target "extra" {
  tags = ["registry.example.com/team/extra"]
  cache-from = ["type=registry,ref=registry.example.com/own"]
}
`;

const bakePlan = (text = file): Promise<BakePlan> =>
  readBake({
    files: [{ name: 'docker-bake.hcl', text }],
    ...{
      names: [],
      overrides: [],
      vars: {},
      env: {},
      dotEnv: undefined,
      localPlatform: 'linux/amd64',
      now: 0,
    },
  });

const options = (engine: JobEngine): JobOptions => ({
  engine,
  words: ['--file', 'docker-bake.hcl', '--var', "A=it's $1"],
  runners: new Map([['linux/arm64', 'arm-runner']]),
  cache: undefined,
  image: engine === 'kubernetes' ? 'registry.example.com/ci/slipway' : undefined,
  source: engine === 'kubernetes' ? 'https://git.example.com/team/app.git#main' : undefined,
  version: '1.2.3',
});

test('a job for each target and platform, and one merge for each target of several', async () => {
  const { builds, merges, registries } = planJobs((await bakePlan()).targets, { cache: undefined });
  assert.equal(
    builds.map(({ id, platform, needs, repositories, variable }) => [
      id,
      platform,
      needs,
      repositories,
      variable,
    ]),
    [
      [
        'build-app-server-linux-amd64',
        'linux/amd64',
        [],
        ['registry.example.com/team/app', 'localhost:5000/app'],
        'DIGEST_APP_SERVER_LINUX_AMD64',
      ],
      [
        'build-app-server-linux-arm64',
        'linux/arm64',
        ['build-tool-linux-arm64'],
        ['registry.example.com/team/app', 'localhost:5000/app'],
        'DIGEST_APP_SERVER_LINUX_ARM64',
      ],
      ['build-tool-linux-arm64', 'linux/arm64', [], [], 'DIGEST_TOOL_LINUX_ARM64'],
      ['build-extra', undefined, [], [], 'DIGEST_EXTRA'],
    ],
  );
  assert.equal(
    merges.map(({ target, tags, builds: merged }) => [target, tags.map(({ name }) => name), merged.length]),
    [['App_server', ['registry.example.com/team/app:1.0', 'localhost:5000/app'], 2]],
  );
  assert.equal(registries, ['registry.example.com', 'localhost:5000']);
});

test('a job reads its own cache and those of the jobs that it waits for; a cache of its own is left as it is', async () => {
  const { builds } = planJobs((await bakePlan()).targets, { cache: 'registry.example.com/caches' });
  assert.equal(
    builds.map(({ cache }) => cache),
    [
      {
        to: 'registry.example.com/caches:cache-app-server-linux-amd64',
        from: ['registry.example.com/caches:cache-app-server-linux-amd64'],
      },
      {
        to: 'registry.example.com/caches:cache-app-server-linux-arm64',
        from: [
          'registry.example.com/caches:cache-app-server-linux-arm64',
          'registry.example.com/caches:cache-tool-linux-arm64',
        ],
      },
      {
        to: 'registry.example.com/caches:cache-tool-linux-arm64',
        from: ['registry.example.com/caches:cache-tool-linux-arm64'],
      },
      undefined,
    ],
  );
});

test('names that come out alike get ids of their own', async () => {
  const text = ['a_b', 'a-b', 'A-B'].map((name) => `target "${name}" { tags = ["x:1"] }`).join('\n');
  const all = `group "default" { targets = ["a_b", "a-b", "A-B"] }\n${text}`;
  const { builds } = planJobs((await bakePlan(all)).targets, { cache: undefined });
  assert.equal(
    builds.map(({ id }) => id),
    ['build-a-b', 'build-a-b-2', 'build-a-b-3'],
  );
});

test('a target without a tag is an error at its place', async () => {
  const { targets } = await bakePlan('target "default" {}');
  assert.throws(
    () => planJobs(targets, { cache: undefined }),
    (error: SlipwayError) =>
      error.code === 'ERR_USAGE' && error.place?.range.start.line === 1 && /tags = /.test(error.hint!),
  );
});

test('words are quoted for the shell', async () => {
  for (const word of ['plain', "it's", 'a b', '$HOME', '', '`x`', '"', '\\', 'a=b,c', '*'])
    assert.is((await runCommand(['sh', '-c', `printf %s ${shellWord(word)}`])).stdout, word);
});

test('GitHub takes the workflow', async () => {
  const content = await printJobs(await bakePlan(), options('github'));
  const { context, value } = parseWorkflow({ name: 'images.yml', content }, new NoOperationTraceWriter());
  assert.equal(context.errors.getErrors(), []);
  assert.ok(value);
  const { jobs } = parse(content);
  assert.is(jobs['build-app-server-linux-arm64']['runs-on'], 'arm-runner');
  assert.is(jobs['build-app-server-linux-amd64']['runs-on'], 'ubuntu-24.04');
  const broken = content.replace('runs-on', 'runs_on');
  const bad = parseWorkflow({ name: 'images.yml', content: broken }, new NoOperationTraceWriter());
  assert.ok(bad.context.errors.getErrors().length > 0);
});

test('GitLab takes the configuration', async () => {
  await using dir = await tempDir();
  const reader = join(import.meta.dirname, '../../node_modules/gitlab-ci-local/src/index.js');
  const content = await printJobs(await bakePlan(), options('gitlab'));
  const list = async (name: string, text: string) => {
    const cwd = dir.file(name);
    mkdirSync(cwd);
    git(cwd, 'init', '--quiet');
    git(cwd, 'remote', 'add', 'origin', 'https://git.example.com/team/app.git');
    writeFileSync(join(cwd, '.gitlab-ci.yml'), text);
    return runCommand([process.execPath, reader, '--list'], { cwd });
  };
  const { code, stdout, stderr } = await list('good', content);
  assert.is(code, 0, stderr);
  assert.match(stdout, /^build-app-server-linux-arm64 .*\[build-tool-linux-arm64\]/m);
  assert.is.not((await list('bad', content.replace('- build-tool', '- built-tool'))).code, 0);
});

test('Kubernetes takes the jobs', async () => {
  const content = await printJobs(await bakePlan(), options('kubernetes'));
  const documents = parseAllDocuments(content).map((document) => document.toJSON());
  assert.is(documents.length, 5);
  for (const document of documents) new Job(document).validate();
  const [first, second] = documents.map(({ spec }) => spec.template.spec.nodeSelector);
  assert.equal(first, { 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'amd64' });
  assert.equal(second, { 'kubernetes.io/os': 'linux', 'slipway/runner': 'arm-runner' });
  for (const { spec } of documents) {
    const pod = spec.template.spec;
    assert.equal(pod.securityContext, { runAsUser: 0 });
    for (const one of [...pod.initContainers, ...pod.containers]) assert.is(one.securityContext, undefined);
    const [{ env, volumeMounts }] = pod.containers;
    const root = env.find(({ name }: { name: string }) => name === 'SLIPWAY_ROOT').value;
    assert.ok(volumeMounts.some(({ mountPath }: { mountPath: string }) => mountPath === root));
  }
  const broken = structuredClone(documents[0]);
  broken.spec.template.spec.containers[0].image = 1;
  assert.throws(() => new Job(broken).validate());
});

test('Kubernetes needs an image and a source', async () => {
  const plan = await bakePlan();
  for (const key of ['image', 'source'] as const) {
    try {
      await printJobs(plan, { ...options('kubernetes'), [key]: undefined });
      assert.unreachable();
    } catch (error) {
      assert.is((error as SlipwayError).code, 'ERR_USAGE');
      assert.match((error as SlipwayError).hint!, new RegExp(`--plan-${key}`));
    }
  }
});

test.run();
