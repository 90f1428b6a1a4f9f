// Composition root: opens the state folder and puts the parts together. Each part is loaded when something needs it.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { BakeRequest, BakeResult, ContextFiles, ContextFilesRequest } from './bake-request.ts';
import type { ContextQuery } from './build/inspect-context.ts';
import type { KnownBases } from './build/known-bases.ts';
import type { LintHistory } from './build/lint-history.ts';
import type { MachineReport } from './build/machine-report.ts';
import type { AdviceCall, ReplayCall, ReplayRequest } from './build/replay/replay-request.ts';
import type { BuildRecord } from './build-record.ts';
import type { BuildRequest, BuildResult, CheckResult, Outline, TargetList } from './build-request.ts';
import type { ExplainedBuild } from './explain/explanation.ts';
import type { Foretold } from './explain/foretelling.ts';
import { createImageEngine, type ImageEngine } from './images/image-engine.ts';
import { createRegistryEngine, type RegistryEngine } from './images/registry-engine.ts';
import type { LockChange } from './lock/lock-changes.ts';
import type { RegistrySettings } from './registry-settings.ts';
import type { ReplayResult } from './replay/replay-result.ts';
import type { Advice } from './replay-report/advice/advice.ts';
import type { RunIO, RunRequest, RunResult } from './run-request.ts';
import type { Rung } from './runtime/ladder.ts';
import type { OnEvent } from './solver/events.ts';
import { traced } from './trace.ts';
import type { ContextReport } from './usage/context-report.ts';

export interface EngineOptions {
  /** The state folder. */
  root: string;
  /**
   * `auto` takes the built-in sandbox where it works, else an OCI runtime. `rootless`: a user namespace, which this process must be in:
   * nobody can enter one later. `chroot`: nothing is mounted, as in a container without rights.
   */
  isolation: 'auto' | 'oci' | 'sandbox' | 'rootless' | 'chroot';
  /** The least isolation that steps run with, strongest first: `oci`, `sandbox`, …; where there is less they fail. */
  require?: Rung | undefined;
  /**
   * `auto` mounts large layers and unpacks small ones where that works (Linux 6.15), else takes overlay where it works, else copy.
   * `erofs` mounts layers as they are: Linux 6.12, or loop devices before that.
   */
  snapshotter: 'auto' | 'overlay' | 'copy' | 'erofs';
  /** Steps that may run at once. */
  parallelism: number;
  /** Process environment for registry credentials (DOCKER_CONFIG, HOME), proxies and PATH. */
  env: Record<string, string | undefined>;
  /** How registries are reached; left out: as their names say. */
  registry?: RegistrySettings | undefined;
}

export interface CallOptions {
  signal: AbortSignal;
  onEvent: OnEvent;
  /**
   * Of a build: nothing is run, fetched or unpacked before this is called, which is when all was found in the cache. Where not all is there,
   * or something else is wrong until then, the build ends with an error, and is to be asked for again without it.
   */
  onAllCached?: (() => void) | undefined;
  /** What a build was, once it has ended, well or not: told for each target. */
  onRecord?: ((record: BuildRecord) => void) | undefined;
}

/** Which build is to be explained: the newest where nothing is said. */
export interface ExplainRequest {
  /** Path of a Dockerfile, relative to `cwd`. */
  dockerfile?: string | undefined;
  /** The id of a build, or how it begins. */
  build?: string | undefined;
  /** A build that is at hand. */
  record?: BuildRecord | undefined;
  /** More is said of files: lines that changed, from layers of the store and from Git, and the commits that touched them. */
  files?: boolean | undefined;
  signal?: AbortSignal | undefined;
  cwd: string;
}

/** What would run if files changed. */
export interface ForetellRequest {
  /** The build that it is asked of: offline, and nothing of it is written. */
  build: BuildRequest;
  /** Files, folders and patterns: relative to the current folder where that lies in a context, else to the context. */
  paths: readonly string[];
}

export interface Engine {
  build(request: BuildRequest, options: CallOptions): Promise<BuildResult>;
  /** Builds several targets as one: what they share is done once. */
  bake(request: BakeRequest, options: CallOptions): Promise<BakeResult>;
  /** Files of a repository, an archive or a URL, such as the bake files that say what to build there. Nothing is run. */
  contextFiles(request: ContextFilesRequest, options: CallOptions): Promise<ContextFiles>;
  /** What a target takes: ARGs, secrets. Nothing is run. */
  outline(request: BuildRequest, options: CallOptions): Promise<Outline>;
  /** The stages that can be built. Nothing is run. */
  targets(request: BuildRequest, options: CallOptions): Promise<TargetList>;
  /** What the build checks say of a target, or of all stages. Nothing is run and no image is asked for. */
  check(request: BuildRequest, options: CallOptions): Promise<CheckResult>;
  /** What the contexts of a build hold, which steps read it, and an ignore file for the rest. Nothing is run. */
  context(query: ContextQuery, options: CallOptions): Promise<ContextReport>;
  /** Asks what the references of a build stand for, and writes its lock file (`request.lock`). Nothing is run. */
  lock(request: BuildRequest, options: CallOptions): Promise<LockChange[]>;
  /** Runs a command in an image; what it writes is discarded, its mounts aside. */
  run(request: RunRequest, options: CallOptions & RunIO): Promise<RunResult>;
  /** Why each step of a build hit or missed, against the build before it. @throws ERR_USAGE where no such build is known */
  explain(request: ExplainRequest): Promise<ExplainedBuild>;
  /** Which steps would run if files changed, and what that took when they ran. Nothing is run and no network is asked. */
  foretell(request: ForetellRequest, options: CallOptions): Promise<Foretold>;
  /** The builds that the state folder knows, the newest first. */
  builds(request: ExplainRequest): Promise<BuildRecord[]>;
  /** Rebuilds a history of commits or edits, and measures. @throws as runReplay */
  replay(request: ReplayRequest, call: ReplayCall): Promise<ReplayResult>;
  /** Orders of the Dockerfiles of a replay that would have saved time, each foretold over the same history. */
  adviseReplay(request: ReplayRequest, result: ReplayResult, call: AdviceCall): Promise<Advice[]>;
  /** What this machine gives to builds: found out anew, by trials. Nothing is left behind. */
  examine(): Promise<MachineReport>;
  /** The local store: its images, archives of them, what takes up the disk. */
  images: ImageEngine;
  /** Images in registries, and logins there. */
  registries: RegistryEngine;
}

/** What the local store knows of base images, by imageKey(op); undefined where there is no store. @param root the state folder */
export async function openKnownBases(root: string): Promise<KnownBases | undefined> {
  if (!existsSync(join(root, 'store.json'))) return undefined;
  return (await import('./build/known-bases.ts')).createKnownBases(root);
}

/** What builds noted of steps; undefined where there is no store. @param root the state folder */
export async function openLintHistory(root: string): Promise<LintHistory | undefined> {
  if (!existsSync(join(root, 'builds-v1'))) return undefined;
  return (await import('./build/lint-history.ts')).createLintHistory(root);
}

/** The result of a replay as lines for a terminal, Markdown for a pull request, or one HTML page that needs no network. */
export async function renderReplay(
  result: ReplayResult,
  format: 'text' | 'markdown' | 'html',
  advice: readonly Advice[] = [],
): Promise<string> {
  if (format === 'html') return (await import('./replay-report/html/document.ts')).htmlReport(result, advice);
  if (format === 'markdown')
    return (await import('./replay-report/markdown.ts')).markdownReport(result, advice);
  return `${(await import('./replay-report/terminal.ts')).terminalReport(result, advice).join('\n')}\n`;
}

const load = <T>(part: () => Promise<T>): Promise<T> => traced('start', 'load engine', part);

export function createEngine(options: EngineOptions): Engine {
  async function inState<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const { vanishedState } = await import('./build/vanished-state.ts');
      throw vanishedState(error, options.root);
    }
  }

  return {
    async build(request, call) {
      const { runBuild } = await load(() => import('./build/run-build.ts'));
      return inState(() => runBuild(options, request, call));
    },
    async bake(request, call) {
      const { runBake } = await load(() => import('./build/run-bake.ts'));
      return inState(() => runBake(options, request, call));
    },
    async contextFiles(request, call) {
      const { readContextFiles } = await import('./build/read-context-files.ts');
      return readContextFiles(options, request, call);
    },
    async outline(request, call) {
      const { readOutline } = await import('./build/outline.ts');
      return readOutline(options, request, call);
    },
    async targets(request, call) {
      const { readTargets } = await import('./build/outline.ts');
      return readTargets(options, request, call);
    },
    async check(request, call) {
      const { checkRequest } = await import('./build/check.ts');
      return checkRequest(options, request, call);
    },
    async context(query, call) {
      const { inspectContext } = await import('./build/inspect-context.ts');
      return inspectContext(options, query, call);
    },
    async lock(request, call) {
      const { lockSources } = await import('./build/lock-sources.ts');
      return lockSources(options, request, call);
    },
    async run(request, call) {
      const { runImage } = await load(() => import('./build/run-image.ts'));
      return inState(() => runImage(options, request, call));
    },
    async examine() {
      const { examineMachine } = await import('./build/examine-machine.ts');
      return examineMachine(options);
    },
    async explain(request) {
      const { explainBuilds } = await import('./build/explain-builds.ts');
      const explained = explainBuilds(options, request);
      if (!request.files) return explained;
      const { tellFiles } = await import('./build/tell-files.ts');
      await tellFiles(explained, {
        tarOf: (diffID) => join(options.root, 'blobs', diffID.replace(':', '/')),
        env: options.env,
        signal: request.signal ?? new AbortController().signal,
      });
      return explained;
    },
    async foretell(request, call) {
      const { foretellBuild } = await import('./build/foretell.ts');
      return foretellBuild(options, request, call);
    },
    async builds(request) {
      const { listBuilds } = await import('./build/explain-builds.ts');
      return listBuilds(options, request);
    },
    async replay(request, call) {
      const { runReplay } = await import('./build/replay/run-replay.ts');
      const [platform] = request.build.platforms;
      const { cwd } = request.build;
      return runReplay(options, request, {
        ...call,
        readLayers: ({ root, image }, signal) =>
          createImageEngine({ ...options, root }).layers(
            { image, platform, top: 10, files: false, cwd },
            { signal, onEvent: () => {} },
          ),
      });
    },
    async adviseReplay(request, result, call) {
      const { adviseReplay } = await import('./build/replay/advise-replay.ts');
      return adviseReplay(options, { request, result }, call);
    },
    images: createImageEngine(options),
    registries: createRegistryEngine(options),
  };
}
