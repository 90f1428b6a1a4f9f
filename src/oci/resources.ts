// What a step may use of the machine: the part of the OCI runtime-spec's linux.resources that builds take. Left out: no limit.

export interface Resources {
  /** Bytes. */
  memory?: number;
  /** Bytes of memory and swap together; -1: swap without a limit. */
  memorySwap?: number;
  /** Weight against others, which have 1024. */
  cpuShares?: number;
  /** Microseconds within which the quota may be used. */
  cpuPeriod?: number;
  /** Microseconds of all CPUs together in each period. */
  cpuQuota?: number;
  /** As in `0-3,8`. */
  cpusetCpus?: string;
  cpusetMems?: string;
  /** Processes and threads. */
  pids?: number;
}
