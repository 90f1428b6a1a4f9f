// Limits as the files of a cgroup (kernel documentation: cgroup-v1/, cgroup-v2.rst). Pure.
import type { Resources } from '../oci/resources.ts';

export interface CgroupSetting {
  controller: 'memory' | 'cpu' | 'cpuset' | 'pids';
  file: string;
  value: string;
}

/** 2 to 262144 becomes 1 to 10000, as OCI runtimes have it. */
const weightOf = (shares: number): number =>
  1 + Math.floor(((Math.min(262144, Math.max(2, shares)) - 2) * 9999) / 262142);

/** In the order in which they must be written. */
export function cgroupSettings(resources: Resources, version: 1 | 2): CgroupSetting[] {
  const { memory, memorySwap, cpuShares, cpuPeriod, cpuQuota, cpusetCpus, cpusetMems, pids } = resources;
  const settings: CgroupSetting[] = [];
  const add = (
    controller: CgroupSetting['controller'],
    file: string,
    value: number | string | undefined,
  ): void => {
    if (value !== undefined) settings.push({ controller, file: `${controller}.${file}`, value: `${value}` });
  };
  if (version === 1) {
    add('memory', 'limit_in_bytes', memory);
    add('memory', 'memsw.limit_in_bytes', memorySwap);
    add('cpu', 'shares', cpuShares);
    add('cpu', 'cfs_period_us', cpuPeriod);
    add('cpu', 'cfs_quota_us', cpuQuota);
  } else {
    add('memory', 'max', memory);
    if (memorySwap !== undefined)
      add('memory', 'swap.max', memorySwap < 0 ? 'max' : memorySwap - (memory ?? 0));
    add('cpu', 'weight', cpuShares && weightOf(cpuShares));
    if (cpuPeriod !== undefined || cpuQuota !== undefined)
      add('cpu', 'max', `${cpuQuota ?? 'max'} ${cpuPeriod ?? 100_000}`);
  }
  add('cpuset', 'cpus', cpusetCpus);
  add('cpuset', 'mems', cpusetMems);
  add('pids', 'max', pids);
  return settings;
}
