// Every system call, asked for in a step on each rung of the ladder: what is refused there is what Docker's default profile refuses.
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { constants } from 'node:os';
import { join } from 'node:path';
import { createChrootRuntime } from '../../../src/runtime/chroot.ts';
import { createOciRuntime } from '../../../src/runtime/oci-runtime.ts';
import { ownerCalls } from '../../../src/runtime/owners/owner-filter.ts';
import { createSandboxRuntime } from '../../../src/runtime/sandbox.ts';
import { lastCall, profileOf, type Rule, refusedEverywhere } from '../../../src/runtime/seccomp/profile.ts';
import { type Asked, askingProgram, readAnswers } from '../../support/asking-program.ts';
import { busyboxBase, haveBusybox } from '../../support/busybox-base.ts';
import { slipway } from '../../support/cli.ts';
import { userNamespaces } from '../../support/escapes/tools.ts';
import { poorMachines } from '../../support/poor-machines.ts';
import { type CommandResult, runCommand } from '../../support/run-command.ts';
import { stepWorks } from '../../support/step-bench.ts';
import type { HardFailure, HardOptions, HardResult, HardSection } from '../section.ts';

const { EPERM, ENOSYS } = constants.errno;
const names = { EPERM, ENOSYS } as const;
const abis = ['x86-64', 'i386'] as const;
type Abi = (typeof abis)[number];

/** What a call is to answer. ENOSYS by which it was not made is what the kernel says of calls that nothing refuses. */
interface Call extends Asked {
  expected: number | 'anything else';
}

/** The kernel shows these to no filter: they belong to probes, and end who asks for them elsewhere. */
const unseen = [335, 336];
/** Made up of every bit that namespaces have, and some that they have not. */
const flags = [0, 17, ...Array.from({ length: 32 }, (_, bit) => (1 << bit) >>> 0)];
const families = Array.from({ length: 64 }, (_, family) => family);
const everybody = 0xffffffff;

function answerOf(rule: Rule | undefined, argument: number): number | 'anything else' {
  const allowed = 'anything else';
  switch (rule?.type) {
    case 'refuse':
      return rule.errno;
    case 'without bits':
      return (argument & rule.mask) === 0 ? allowed : EPERM;
    case 'one of':
      return rule.values.includes(argument) ? allowed : EPERM;
    case 'none of':
      return rule.values.includes(argument) || argument > rule.last ? EPERM : allowed;
    default:
      return allowed;
  }
}

const isKill = (abi: Abi, number: number): boolean => number === (abi === 'x86-64' ? 62 : 37);

/** With one argument for those of which it does not matter. */
function callsOf(abi: Abi): Call[] {
  const { rules } = profileOf('x64')![abis.indexOf(abi)]!;
  const calls: Call[] = [];
  for (let number = 0; number <= lastCall; number++) {
    if (abi === 'x86-64' && unseen.includes(number)) continue;
    const rule = rules.get(number);
    const values: readonly number[] =
      rule?.type === 'one of'
        ? [...rule.values, ...flags]
        : rule?.type === 'none of'
          ? families
          : rule?.type === 'without bits'
            ? flags
            : isKill(abi, number)
              ? [0, everybody]
              : [0];
    for (const argument of values) {
      const expected = answerOf(rule, argument);
      // Only there it can be told whether it was refused.
      calls.push({ abi, number, argument, expected, ...(expected === ENOSYS && { made: true as const }) });
    }
  }
  for (const number of [lastCall + 1, lastCall + 2, lastCall + 3])
    calls.push({ abi, number, argument: 0, expected: ENOSYS, made: true });
  return calls;
}

interface Way {
  name: string;
  /** What differs, and why. */
  differs(call: Call): number | 'anything' | undefined;
  run(args: readonly string[], folder: string): Promise<CommandResult>;
  folder: string;
}

/** Names that the library of OCI runtimes may be too old for: there these calls are allowed. */
const unnamed = new Set(
  ['lsm_get_self_attr', 'lsm_set_self_attr', 'lsm_list_modules'].map((name) => refusedEverywhere[name]),
);

function ociDiffers({ number }: Call): 'anything' | undefined {
  return number > lastCall || unnamed.has(number) ? 'anything' : undefined;
}

/** Owners are the builder's to answer for, and that there are no groups is no error. */
function singleDiffers({ abi, number }: Call): number | undefined {
  const { setgroups } = ownerCalls('x64')!;
  return abi === 'x86-64' && number === setgroups ? 0 : undefined;
}

/** The machine's processes can be seen by their ids: `kill -1` is refused. */
function chrootDiffers({ abi, number, argument }: Call): number | undefined {
  return isKill(abi, number) && argument === everybody ? EPERM : undefined;
}

const dockerfile = `FROM base AS asking
COPY ask /ask
RUN /ask > /answers
FROM scratch
COPY --from=asking /answers /
`;

async function failuresOn(way: Way, calls: readonly Call[], seed: number): Promise<HardFailure[]> {
  const { folder } = way;
  const context = join(folder, 'context');
  await mkdir(context, { recursive: true });
  await chmod(folder, 0o777);
  await busyboxBase(join(folder, 'base'));
  await writeFile(join(context, 'ask'), askingProgram(calls), { mode: 0o755 });
  await writeFile(join(context, 'Dockerfile'), dockerfile);
  const again = `npm run test:hard -- calls --seed=${seed}`;
  const flags = [`--build-context=base=oci-layout://${join(folder, 'base')}:latest`, '--progress=plain'];
  const ran = await way.run(
    ['build', ...flags, `--output=type=local,dest=${join(folder, 'out')}`, context],
    folder,
  );
  if (ran.code !== 0) return [{ what: `${way.name}: the step did not run: ${ran.stderr}`, again }];
  const answers = readAnswers(await readFile(join(folder, 'out/answers')));
  return calls.flatMap((call, index) => {
    const expected = way.differs(call) ?? call.expected;
    const answer = answers[index];
    const refused = answer === EPERM || (call.made && answer === ENOSYS);
    if (expected === 'anything' || (expected === 'anything else' ? !refused : answer === expected)) return [];
    const named = (errno: number | string | undefined): string =>
      Object.entries(names).find(([, value]) => value === errno)?.[0] ?? `${errno}`;
    const what = `${way.name}: ${call.abi} call ${call.number}(0x${call.argument.toString(16)}) gave ${named(answer)}, not ${named(expected)}`;
    return [{ what, again }];
  });
}

/** Whether this kernel has the ABI, and nothing is refused where no filter is. */
async function isOpen(calls: readonly Call[], scratch: string): Promise<boolean> {
  const file = join(scratch, `ask-${calls[0]!.abi}`);
  await writeFile(file, askingProgram(calls), { mode: 0o755 });
  const { code } = await runCommand(['sh', '-c', `${file} > ${file}.answers`]);
  if (code !== 0) return false;
  return readAnswers(await readFile(`${file}.answers`)).every((answer) => answer !== EPERM);
}

async function run({ seed, signal, scratch, report }: HardOptions): Promise<HardResult> {
  if (process.arch !== 'x64') return { attempts: 0, failures: [], missing: 'x86-64' };
  if (process.getuid?.() !== 0 || !haveBusybox)
    return { attempts: 0, failures: [], missing: 'root and busybox' };
  const calls: Call[] = [];
  for (const abi of abis) {
    const own = callsOf(abi).filter(({ made }) => !made);
    if (await isOpen(own, scratch)) calls.push(...callsOf(abi));
  }
  if (calls.length === 0) return { attempts: 0, failures: [], missing: 'a machine without a filter' };
  const here = (name: string, differs: Way['differs'] = () => undefined): Way => ({
    ...{ name, differs, folder: join(scratch, name) },
    run: ([command = '', ...args], folder) =>
      slipway([command, `--isolation=${name}`, ...args], { root: join(folder, 'state'), cwd: folder }),
  });
  const ways = [
    ...((await stepWorks(createOciRuntime({ command: 'runc' }))) ? [here('oci', ociDiffers)] : []),
    ...((await stepWorks(createSandboxRuntime())) ? [here('sandbox')] : []),
    ...(userNamespaces() ? [here('rootless')] : []),
    ...((await stepWorks(createChrootRuntime(), { whole: true })) ? [here('chroot', chrootDiffers)] : []),
  ];
  const failures: HardFailure[] = [];
  let attempts = 0;
  const tryWay = async (way: Way): Promise<void> => {
    signal.throwIfAborted();
    report(way.name);
    failures.push(...(await failuresOn(way, calls, seed)));
    attempts += calls.length;
  };
  for (const way of ways) await tryWay(way);
  await using machine = await poorMachines['user without subids']();
  if (machine) {
    const slipwayThere: Way['run'] = (args) => machine.slipway(args);
    await tryWay({
      name: 'rootless-single',
      differs: singleDiffers,
      run: slipwayThere,
      folder: machine.file('calls'),
    });
  }
  return { attempts, failures };
}

export const section: HardSection = {
  name: 'calls',
  what: 'each system call is refused on each rung, or not, as the profile says',
  bounded: 1,
  full: 1,
  run,
};
