// Kubernetes Jobs. They have no outputs: a build's image gets a tag of the commit that was built, and the last job waits for these.
import { SlipwayError } from '../../errors.ts';
import { parsePlatform } from '../../oci/platform.ts';
import type { BuildJob, JobOptions, JobPlan } from './job.ts';
import { buildLines, hasMerge, loginLines, mergeLines, shellWord } from './job-script.ts';

const workspace = '/workspace';
/** A volume, as overlayfs can't lie on the container's own root. */
const state = '/var/lib/slipway';
const secret = 'registry-login';
/** What a job waits for others, and may take itself. */
const deadline = 3600;

/** Of the image that a build hands to the job that merges. */
const handover = (job: BuildJob): string => `commit-$COMMIT-${job.id.replace(/^build-/, '')}`;
const commit = 'COMMIT=$(git rev-parse --short=12 HEAD)';

/** @throws ERR_USAGE where image or source are missing */
export function kubernetesJobs(plan: JobPlan, options: JobOptions): unknown[] {
  const { image, source, words } = options;
  if (image === undefined || source === undefined) {
    const missing = image === undefined ? '--plan-image=IMAGE' : '--plan-source=URL#REF';
    throw new SlipwayError('ERR_USAGE', 'a plan for kubernetes needs --plan-image and --plan-source', {
      hint: `add ${missing}: jobs run in an image with slipway and git in it, and clone what they build`,
    });
  }
  const [url = '', ref] = source.split('#', 2);

  function job(id: string, lines: readonly string[], nodes: Record<string, string>) {
    const mount = { volumeMounts: [{ name: 'workspace', mountPath: workspace }] };
    const login = ['REGISTRY_USERNAME', 'REGISTRY_PASSWORD'].map((name) => ({
      name,
      valueFrom: { secretKeyRef: { name: secret, key: name, optional: true } },
    }));
    const fetchSource = [
      `git init --quiet . && git fetch --quiet --depth=1 ${shellWord(url)} ${shellWord(ref || 'HEAD')}`,
      'git checkout --quiet FETCH_HEAD',
    ];
    return {
      apiVersion: 'batch/v1',
      kind: 'Job',
      // A name can be used once; this one is for kubectl create.
      metadata: { generateName: `${id}-`, labels: { 'slipway/job': id } },
      spec: {
        backoffLimit: 1,
        activeDeadlineSeconds: deadline,
        template: {
          spec: {
            restartPolicy: 'Never',
            // Root of a container without further rights is enough for a chroot; a cluster may refuse more.
            securityContext: { runAsUser: 0 },
            nodeSelector: { 'kubernetes.io/os': 'linux', ...nodes },
            initContainers: [
              {
                name: 'source',
                image,
                workingDir: workspace,
                command: ['/bin/sh', '-ec', fetchSource.join('\n')],
                ...mount,
              },
            ],
            containers: [
              {
                name: 'slipway',
                image,
                workingDir: workspace,
                command: ['/bin/sh', '-ec', [...loginLines(plan.registries), ...lines].join('\n')],
                env: [{ name: 'SLIPWAY_ROOT', value: state }, ...login],
                volumeMounts: [...mount.volumeMounts, { name: 'state', mountPath: state }],
              },
            ],
            volumes: ['workspace', 'state'].map((name) => ({ name, emptyDir: {} })),
          },
        },
      },
    };
  }

  const builds = plan.builds.map((one) => {
    const list = one.repositories.map((repository) => `${repository}:${handover(one)}`);
    // The tag holds a variable of the shell.
    const lines = buildLines(one, words, { byDigest: false, list }).map((line) =>
      line.replaceAll(/'([^']*\$COMMIT[^']*)'/g, (_, word: string) => `"${word.replaceAll('"', '\\"')}"`),
    );
    return job(one.id, [commit, ...lines], nodesFor(one, options));
  });
  if (!hasMerge(plan)) return builds;
  const waits = plan.merges.flatMap(({ builds: merged, tags }) =>
    merged.map((one) => {
      const name = `${tags[0]!.repository}:${handover(one)}`;
      return `until slipway manifest inspect "${name}" > /dev/null 2>&1; do sleep 5; done`;
    }),
  );
  const merge = mergeLines(plan.merges, (repository, one) => `${repository}:${handover(one)}`);
  return [...builds, job('merge', [commit, ...waits, ...merge], {})];
}

const linux = { os: 'linux', architecture: 'amd64' };

/** Native by the node's own label, unless a runner is named: then the node has the label `slipway/runner`. */
function nodesFor({ platform }: BuildJob, { runners }: JobOptions): Record<string, string> {
  if (platform === undefined) return {};
  const runner = runners.get(platform);
  if (runner !== undefined) return { 'slipway/runner': runner };
  return { 'kubernetes.io/arch': parsePlatform(platform, linux).architecture };
}
