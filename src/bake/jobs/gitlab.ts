// A GitLab CI configuration. Digests go from job to job as dotenv reports.

import type { BuildJob, JobOptions, JobPlan } from './job.ts';
import { buildLines, digestLine, hasMerge, loginLines, mergeLines } from './job-script.ts';

const defaultImage = 'docker.io/library/node:20-bookworm';

export function gitlabPipeline(plan: JobPlan, options: JobOptions): unknown {
  const { version, words, runners } = options;
  const install = options.image === undefined ? [`npm install --global slipway@${version}`] : [];

  function build(job: BuildJob) {
    const runner = job.platform === undefined ? undefined : runners.get(job.platform);
    const names = { byDigest: job.repositories.length > 0, list: job.repositories };
    const report = `${job.id}.env`;
    return {
      stage: 'build',
      ...(runner === undefined ? {} : { tags: [runner] }),
      needs: job.needs,
      script: [...buildLines(job, words, names), digestLine, `echo "${job.variable}=$digest" > ${report}`],
      artifacts: { reports: { dotenv: report } },
    };
  }

  const merged = plan.merges.flatMap(({ builds }) => builds);
  return {
    stages: hasMerge(plan) ? ['build', 'merge'] : ['build'],
    default: {
      image: options.image ?? defaultImage,
      before_script: [...install, ...loginLines(plan.registries)],
    },
    ...Object.fromEntries(plan.builds.map((job) => [job.id, build(job)])),
    ...(hasMerge(plan)
      ? {
          merge: {
            stage: 'merge',
            needs: merged.map(({ id }) => id),
            script: mergeLines(plan.merges, (repository, job) => `${repository}@$${job.variable}`),
          },
        }
      : {}),
  };
}
