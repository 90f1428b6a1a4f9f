// `slipway bake --plan`: the jobs of a bake as the YAML of an engine.
import { stringify } from 'yaml';
import type { BakePlan } from '../read-bake.ts';
import { githubWorkflow } from './github.ts';
import { gitlabPipeline } from './gitlab.ts';
import type { JobOptions } from './job.ts';
import { kubernetesJobs } from './kubernetes.ts';
import { planJobs } from './plan-jobs.ts';

/** Long lines are commands: they are not folded. Not every engine reads YAML's anchors. */
const style = { lineWidth: 0, aliasDuplicateObjects: false } as const;

/** @throws ERR_USAGE, ERR_BAD_REFERENCE */
export function formatJobs({ targets }: Pick<BakePlan, 'targets'>, options: JobOptions): string {
  const plan = planJobs(targets, options);
  const head = `# Written by slipway bake --plan=${options.engine}; write it anew instead of editing it.\n`;
  switch (options.engine) {
    case 'github':
      return head + stringify(githubWorkflow(plan, options), style);
    case 'gitlab':
      return head + stringify(gitlabPipeline(plan, options), style);
    case 'kubernetes':
      return (
        head +
        kubernetesJobs(plan, options)
          .map((job) => `---\n${stringify(job, style)}`)
          .join('')
      );
  }
}
