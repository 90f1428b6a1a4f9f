// The public API: re-exports only.
export type * from './bake/read-bake.ts';
export { listBake, printJobs, readBake, readBakedDockerfiles } from './bake/read-bake.ts';
export type * from './bake-request.ts';
export type { ContextQuery } from './build/inspect-context.ts';
export type * from './build/machine-report.ts';
export type * from './build/replay/replay-request.ts';
export type * from './build-record.ts';
export type * from './build-request.ts';
export { parseDuration } from './dockerfile/duration.ts';
export {
  type CallOptions,
  createEngine,
  type Engine,
  type EngineOptions,
  type ExplainRequest,
  openKnownBases,
  openLintHistory,
  renderReplay,
} from './engine.ts';
export {
  type ErrorCode,
  isSlipwayError,
  type Place,
  RunError,
  SlipwayError,
  type SourceRange,
} from './errors.ts';
export { type CacheReport, cacheReport, type ReportedStep } from './explain/cache-report.ts';
export { describeCause, explanationLines, secondsText, stepName } from './explain/describe-cause.ts';
export { type ExplainInput, explainBuild } from './explain/explain-build.ts';
export type * from './explain/explanation.ts';
export { foretellLines } from './explain/foretell-lines.ts';
export type * from './explain/foretelling.ts';
export type * from './image-request.ts';
export type { DiffResult } from './images/diff-images.ts';
export type { ImageEngine } from './images/image-engine.ts';
export type { RegistryEngine } from './images/registry-engine.ts';
export { readAmount } from './inspect/amount.ts';
export { type Budget, checkBudgets, parseBudgets } from './inspect/budget.ts';
export { addDifference, noSums } from './inspect/difference-sums.ts';
export type * from './inspect/image-diff.ts';
export type * from './inspect/layers-report.ts';
export type * from './lint/open-linter.ts';
export { openLinter, openLintTools } from './lint/open-linter.ts';
export { formatLockChanges, type LockChange } from './lock/lock-changes.ts';
export { formatPlatform, localPlatform, type Platform, parsePlatform } from './oci/platform.ts';
export { familiarReference, formatReference, parseReference, type Reference } from './oci/reference.ts';
export type { Resources } from './oci/resources.ts';
export { type EditLine, parseEdits } from './replay/edit-list.ts';
export { changeName } from './replay/replay-build.ts';
export type * from './replay/replay-result.ts';
export { roughTime } from './replay/time-left.ts';
export type * from './replay-report/advice/advice.ts';
export type * from './run-request.ts';
export { cautionOf } from './runtime/caution.ts';
export { judgeLadder, meets } from './runtime/judge-ladder.ts';
export { ladder, protections } from './runtime/ladder.ts';
export type { SendSignal } from './seams.ts';
export type { BuildEvent, OnEvent, VertexInfo } from './solver/events.ts';
export type { ContextNode, Figures } from './usage/context-node.ts';
export type * from './usage/context-report.ts';
export type { ContextRead, ContextStep } from './usage/context-step.ts';
