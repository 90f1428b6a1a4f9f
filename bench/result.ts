// What a run of the benchmark came to: plain data, from which every report is made.
import type { Sample } from './scenario.ts';

export interface MachineDescription {
  cpu: string;
  cores: number;
  memoryGB: number;
  kernel: string;
  system: string;
  node: string;
  /** File system of the work folder. */
  disk: string;
}

export interface SubjectResult {
  name: string;
  isPeer: boolean;
  version: string;
  notes: string[];
  at?: { series: string; x: number };
  samples: Sample[];
  /** Why it took no part. */
  skipped?: string;
  /** What went wrong, a wrong result among it: the samples count for nothing. */
  failed?: string;
}

export interface ScenarioResult {
  name: string;
  title: string;
  what: string;
  axis?: string;
  /** Load averages of one minute before and after. */
  load: [number, number];
  subjects: SubjectResult[];
}

export interface BenchResult {
  /** ISO 8601. */
  date: string;
  samples: number;
  quick: boolean;
  machine: MachineDescription;
  /** Peers that are not on the machine, and why. */
  missing: string[];
  /** Certificates in NODE_EXTRA_CA_CERTS, which timed commands do not get. */
  extraCertificates: boolean;
  scenarios: ScenarioResult[];
}
