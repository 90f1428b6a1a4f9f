// What can be missing for a rung of the isolation ladder, as data.

export type Lack =
  | 'linux'
  | 'root'
  | 'mount'
  | 'mount for oci'
  | 'chroot'
  | 'oci runtime'
  | 'user namespaces'
  | 'own proc'
  | 'id mapping'
  | 'subordinate ids'
  | 'user name'
  | 'programs'
  | 'launcher'
  | 'filter of system calls';

export interface Missing {
  lack: Lack;
  /** What is missing: a sentence without its full stop. */
  what: string;
  /** Commands and settings, each of which mends it. */
  remedies: readonly string[];
}
