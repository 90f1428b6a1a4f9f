// Which system calls of a step are answered by the builder, where the kernel knows one id alone: those that give files to somebody.
import { encodeFilter, type Instruction } from '../seccomp/filter.ts';

interface OwnerCalls {
  /** AUDIT_ARCH of the machine's own ABI: programs of others are told the truth, that there is no such id. */
  audit: number;
  chown: number | undefined;
  lchown: number | undefined;
  fchown: number;
  fchownat: number;
  setgroups: number;
}

const callsOf: Readonly<Record<string, OwnerCalls>> = {
  x64: { audit: 0xc000003e, chown: 92, lchown: 94, fchown: 93, fchownat: 260, setgroups: 116 },
  arm64: { audit: 0xc00000b7, chown: undefined, lchown: undefined, fchown: 55, fchownat: 54, setgroups: 159 },
};

/** @param architecture as `process.arch` has it; undefined where it is not known. */
export const ownerCalls = (architecture: string): OwnerCalls | undefined => callsOf[architecture];

const [load, isEqual, end] = [0x20, 0x15, 0x06];
/** Places in struct seccomp_data. */
const [callNumber, callAbi] = [0, 4];
const [allow, notify] = [0x7fff0000, 0x7fc00000];
/** Groups decide on no owner: that there are none is as good as done. */
const succeed = 0x50000;

const statement = (code: number, k: number): Instruction => ({ code, jt: 0, jf: 0, k });

/** As struct sock_filter. */
export function ownerFilter(calls: OwnerCalls): Buffer {
  const numbers = [calls.chown, calls.lchown, calls.fchown, calls.fchownat].filter(
    (each) => each !== undefined,
  );
  // What follows the comparisons: the call is allowed, the builder is asked, or nothing is done.
  const [allowed, asked, done] = [numbers.length + 1, numbers.length + 2, numbers.length + 3];
  const compare = (index: number, value: number, to: number): Instruction => ({
    ...{ code: isEqual, k: value, jf: 0 },
    jt: to - index - 1,
  });
  const compared = [
    ...numbers.map((number, index) => compare(index, number, asked)),
    compare(numbers.length, calls.setgroups, done),
  ];
  return encodeFilter([
    statement(load, callAbi),
    { code: isEqual, jt: 0, jf: 1 + allowed, k: calls.audit },
    statement(load, callNumber),
    ...compared,
    statement(end, allow),
    statement(end, notify),
    statement(end, succeed),
  ]);
}
