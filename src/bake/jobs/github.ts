// A GitHub Actions workflow. Digests go from job to job as outputs.

import type { BuildJob, JobOptions, JobPlan } from './job.ts';
import { buildLines, digestLine, hasMerge, loginLines, mergeLines } from './job-script.ts';

/** Runners that are there for everybody, native to their platform. */
const publicRunners: Record<string, string> = {
  'linux/amd64': 'ubuntu-24.04',
  'linux/arm64': 'ubuntu-24.04-arm',
};
const anyRunner = 'ubuntu-24.04';

const script = (lines: readonly string[]): string => `${lines.join('\n')}\n`;

export function githubWorkflow(plan: JobPlan, options: JobOptions): unknown {
  const { version, words, runners } = options;
  const prepare = [
    { uses: 'actions/checkout@v4' },
    { uses: 'actions/setup-node@v4', with: { 'node-version': 20 } },
    { name: 'Install slipway', run: `npm install --global slipway@${version}` },
    {
      name: 'Log in',
      env: {
        REGISTRY_USERNAME: '${{ secrets.REGISTRY_USERNAME }}',
        REGISTRY_PASSWORD: '${{ secrets.REGISTRY_PASSWORD }}',
      },
      run: script(loginLines(plan.registries)),
    },
  ];

  function build(job: BuildJob) {
    const native = job.platform === undefined || (runners.get(job.platform) ?? publicRunners[job.platform]);
    const emulation = native
      ? []
      : [
          {
            name: `Emulate ${job.platform}`,
            run: 'sudo apt-get update && sudo apt-get install -y --no-install-recommends qemu-user-static binfmt-support',
          },
        ];
    const names = { byDigest: job.repositories.length > 0, list: job.repositories };
    const lines = [...buildLines(job, words, names), digestLine, 'echo "digest=$digest" >> "$GITHUB_OUTPUT"'];
    return {
      'runs-on': typeof native === 'string' ? native : anyRunner,
      ...(job.needs.length > 0 ? { needs: job.needs } : {}),
      outputs: { digest: '${{ steps.build.outputs.digest }}' },
      steps: [...prepare, ...emulation, { name: `Build ${job.target}`, id: 'build', run: script(lines) }],
    };
  }

  function merge() {
    const merged = plan.merges.flatMap(({ builds }) => builds);
    const digests = merged.map(({ id, variable }) => [variable, `\${{ needs.${id}.outputs.digest }}`]);
    const lines = mergeLines(plan.merges, (repository, job) => `${repository}@$${job.variable}`);
    return {
      'runs-on': anyRunner,
      needs: merged.map(({ id }) => id),
      steps: [...prepare, { name: 'Merge', env: Object.fromEntries(digests), run: script(lines) }],
    };
  }

  return {
    name: 'images',
    on: { push: {}, workflow_dispatch: {} },
    permissions: { contents: 'read' },
    jobs: {
      ...Object.fromEntries(plan.builds.map((job) => [job.id, build(job)])),
      ...(hasMerge(plan) ? { merge: merge() } : {}),
    },
  };
}
