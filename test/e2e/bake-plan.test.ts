// A bake that is planned as jobs of an engine comes to the images that one machine makes, digest by digest.
import { mkdirSync, writeFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { busyboxBase, haveBusybox } from '../support/busybox-base.ts';
import { slipway } from '../support/cli.ts';
import { hasDockerRegistry, startDockerRegistry } from '../support/docker-registry.ts';
import { commitFiles, git, hasGit } from '../support/git-server.ts';
import { requireFeature } from '../support/require-feature.ts';
import { mustRun } from '../support/run-command.ts';
import { type JobRun, runGithub, runGitlab, runKubernetes } from '../support/run-jobs.ts';
import { tempDir } from '../support/temp-dir.ts';

const test = suite('e2e bake plan');

const files = (host: string): Record<string, string> => ({
  'docker-bake.hcl': `
variable "REPO" { default = "${host}/one" }
group "default" { targets = ["app", "tool"] }
target "tool" {
  context = "tool"
  tags = ["\${REPO}/tool:1"]
  platforms = ["linux/amd64", "linux/arm64"]
}
target "app" {
  contexts = { tool = "target:tool" }
  tags = ["\${REPO}/app:1", "\${REPO}/app:latest"]
  platforms = ["linux/amd64", "linux/arm64"]
}
`,
  Dockerfile: `FROM --platform=$BUILDPLATFORM ${host}/base AS make
ARG TARGETARCH
RUN mkdir /out && echo "for $TARGETARCH" > /out/made
FROM scratch
COPY --from=make /out/ /
COPY --from=tool /tool /tool
COPY docker-bake.hcl /bake
`,
  'tool/Dockerfile': 'FROM scratch\nCOPY tool /tool\n',
  'tool/tool': 'the tool\n',
});

test('jobs of each engine, each on an empty machine, come to the digests of one machine', async () => {
  const available = hasDockerRegistry() && hasGit() && haveBusybox;
  if (!requireFeature('docker-registry, git and busybox-static', available)) return;
  await using dir = await tempDir();
  const { host, stop } = await startDockerRegistry();
  try {
    const base = await busyboxBase(dir.file('base'));
    await mustRun([
      ...['skopeo', 'copy', '--quiet', '--dest-tls-verify=false'],
      ...[`oci:${base.path}:latest`, `docker://${host}/base:latest`],
    ]);
    const repository = dir.file('repository');
    mkdirSync(repository);
    commitFiles(repository, files(host));
    const epoch = git(repository, 'log', '-1', '--format=%ct');
    const run = async (args: string[], env: Record<string, string> = {}): Promise<string> => {
      const { code, stdout, stderr } = await slipway(args, { cwd: repository, root: dir.file('state'), env });
      assert.is(code, 0, stderr);
      return stdout;
    };
    const digests = async (repo: string): Promise<string[]> => {
      const names = ['app:1', 'app:latest', 'tool:1'];
      return Promise.all(
        names.map(async (name) => {
          const text = await run(['manifest', 'inspect', '--verbose', `${host}/${repo}/${name}`]);
          return JSON.parse(text).Descriptor.digest as string;
        }),
      );
    };

    const output = 'type=image,push=true,rewrite-timestamp=true';
    await run(['bake', '--set', `*.output=${output}`], { SOURCE_DATE_EPOCH: epoch });
    const expected = await digests('one');

    const where: JobRun = { dir, repository };
    const plan = (engine: string, flags: string[] = []): Promise<string> =>
      run(['bake', `--plan=${engine}`, '--var', `REPO=${host}/${engine}`, ...flags]);
    await runGithub(await plan('github'), where);
    assert.equal(await digests('github'), expected, 'github');
    await runGitlab(await plan('gitlab'), where);
    assert.equal(await digests('gitlab'), expected, 'gitlab');
    const source = ['--plan-image=registry.example.com/ci', `--plan-source=file://${repository}`];
    const text = await plan('kubernetes', source);
    writeFileSync(dir.file('jobs.yaml'), text);
    await runKubernetes(text, where);
    assert.equal(await digests('kubernetes'), expected, 'kubernetes');
  } finally {
    await stop();
  }
});

test.run();
