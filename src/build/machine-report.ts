// What is known of a machine that builds, as data: `slipway doctor` shows it.
import type { CredentialFileState } from '../registry/check-credentials.ts';
import type { RungAnswer, RungTrial } from '../runtime/judge-ladder.ts';
import type { MachineFacts } from '../runtime/machine-facts.ts';

export type { Protection, Rung } from '../runtime/ladder.ts';
export type { Missing } from '../runtime/remedies.ts';
export type { CredentialFileState, MachineFacts, RungAnswer, RungTrial };

export interface SystemReport {
  /** As `process.platform` and `process.arch` have them. */
  platform: string;
  architecture: string;
  kernel: string;
  /** `Debian GNU/Linux 12 (bookworm)`. */
  distribution: string | undefined;
  node: string;
  cores: number;
  /** Bytes. */
  memory: number;
  /** How system calls are made that Node lacks: by koffi, or by programs, a thousand times slower. */
  systemCalls: 'koffi' | 'programs' | 'none';
  /** Other machines whose programs the kernel runs by an emulator: `qemu-aarch64`; undefined where it can't be known. */
  emulators: readonly string[] | undefined;
  /** Seconds by which the clock is behind what was written before: 0 where it is not. */
  clockBehind: number;
}

export interface StateFolderReport {
  path: string;
  /** Whether it was there before it was looked at. */
  exists: boolean;
  /** Why nothing can be written there. */
  problem: string | undefined;
  /** `ext4`, `overlay`; undefined where that can't be known. */
  fileSystem: string | undefined;
  /** Whether the mount allows programs, which the launcher of steps is. */
  allowsPrograms: boolean;
  /** Bytes, for this user. */
  free: number;
  total: number;
  /** Files that can still be made; undefined where the file system sets no number. */
  freeFiles: number | undefined;
}

export interface SnapshotterReport {
  /** What `--snapshotter=auto` takes: `mixed` mounts large layers and unpacks small ones. */
  kind: 'mixed' | 'overlay' | 'copy' | 'indexed';
  overlay: boolean;
  /** Whether overlay can do without syncing. */
  volatile: boolean;
  /** How layers can be mounted where they lie; undefined where they can't. */
  erofs: string | undefined;
}

export interface CgroupReport {
  /** Undefined where there are none. */
  version: 1 | 2 | undefined;
  /** By what is limited: whether that can be held, and else why not and what to do. */
  limits: readonly {
    limit: 'memory' | 'cpu' | 'cpuset' | 'pids';
    problem?: string;
    remedy?: string | undefined;
  }[];
}

export interface ProgramReport {
  name: string;
  /** What it is used for. */
  use: string;
  /** Undefined where it is not on PATH. */
  path: string | undefined;
}

export interface MachineReport {
  system: SystemReport;
  facts: MachineFacts;
  state: StateFolderReport;
  /** What came of running a step with each runtime. */
  trials: readonly RungTrial[];
  rungs: readonly RungAnswer[];
  /** What steps would run in; undefined where they can't run. */
  used: RungTrial | undefined;
  snapshotter: SnapshotterReport | undefined;
  cgroups: CgroupReport;
  programs: readonly ProgramReport[];
  credentials: readonly CredentialFileState[];
}
