// The profile as an OCI runtime takes it (runtime-spec 1.0.2, config-linux.md#seccomp): as what is refused. A list of what is
// allowed is five times as long, and the runtime's library builds the filter anew for every step. Pure.
import { constants } from 'node:os';
import {
  lastFamily,
  namespaceFlags,
  personalities,
  refused,
  refusedEverywhere,
  refusedFamilies,
} from './profile.ts';

export interface OciSeccomp {
  defaultAction: string;
  architectures: string[];
  syscalls: OciSyscalls[];
}

interface OciSyscalls {
  names: string[];
  action: string;
  errnoRet: number;
  args?: Comparison[];
}

interface Comparison {
  index: number;
  value: number;
  valueTwo?: number;
  op: string;
}

const { EPERM, ENOSYS } = constants.errno;

const architectures: Readonly<Record<string, string[]>> = {
  x64: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86'],
  arm64: ['SCMP_ARCH_AARCH64', 'SCMP_ARCH_ARM'],
};

const refuse = (names: string[], args?: Comparison[], errnoRet = EPERM): OciSyscalls => ({
  ...{ names, action: 'SCMP_ACT_ERRNO', errnoRet },
  ...(args && { args }),
});

/** Where the first argument, of the bits in `mask`, has those in `value`. */
const masked = (mask: number, value: number): Comparison => ({
  ...{ index: 0, value: mask >>> 0, valueTwo: value >>> 0, op: 'SCMP_CMP_MASKED_EQ' },
});

const bitsOf = (mask: number): number[] =>
  Array.from({ length: 32 }, (_, bit) => (1 << bit) >>> 0).filter((bit) => (mask & bit) !== 0);

/** Allowed are zero and all ones, and zero with some of the bits in `free`. */
function personalityRules(): OciSyscalls[] {
  const free = personalities.filter((value) => value !== 0xffffffff).reduce((all, value) => all | value, 0);
  const others = bitsOf(~free);
  return [
    ...others.map((bit, index) => [bit, others[(index + 1) % others.length]!] as const),
    ...bitsOf(free).map((bit) => [others[0]!, bit] as const),
  ].map(([set, clear]) => refuse(['personality'], [masked(set | clear, set)]));
}

/**
 * @param architecture as `process.arch` has it; undefined where there is no profile for it. Calls that are newer than the profile are
 * allowed: the runtime's library does not know their names.
 */
export function ociSeccomp(architecture: string): OciSeccomp | undefined {
  const known = architectures[architecture];
  if (known === undefined) return undefined;
  return {
    defaultAction: 'SCMP_ACT_ALLOW',
    architectures: known,
    syscalls: [
      refuse([...Object.keys(refused), ...Object.keys(refusedEverywhere)]),
      refuse(['clone3'], undefined, ENOSYS),
      ...bitsOf(namespaceFlags).map((bit) => refuse(['clone'], [masked(bit, bit)])),
      ...personalityRules(),
      ...refusedFamilies.map((family) =>
        refuse(['socket'], [{ index: 0, value: family, op: 'SCMP_CMP_EQ' }]),
      ),
      refuse(['socket'], [{ index: 0, value: lastFamily, op: 'SCMP_CMP_GT' }]),
    ],
  };
}
