// Whether this machine can run a step's command, looked at before the step starts, where the platform is not the machine's.
import { SlipwayError } from '../errors.ts';
import type { Platform } from '../oci/platform.ts';
import { formatPlatform } from '../oci/platform.ts';
import type { Tree } from '../seams.ts';
import { resolvePath } from '../tree/resolve.ts';
import { type BinfmtHandler, handlerFor, readHandlers } from './binfmt.ts';
import { findProgram, machineOf } from './program-format.ts';

/** What kernels run besides their own. Whether this one does shows when it is asked to. */
const compatible: Readonly<Record<string, readonly string[]>> = {
  amd64: ['amd64', '386'],
  arm64: ['arm64', 'arm'],
};

const nativeTo = (architecture: string): readonly string[] => compatible[architecture] ?? [architecture];

/** Whether programs for `platform` need something on a `local` machine that is looked at first. */
export function isForeign(platform: Platform, local: Platform): boolean {
  return !nativeTo(local.architecture).includes(platform.architecture);
}

const emulatorHint =
  'install an emulator: apt-get install qemu-user-static binfmt-support; or run the step on the platform of this machine: FROM --platform=$BUILDPLATFORM';

/**
 * @param step.path PATH of the step's own. @param handlers undefined: it can't be known what the kernel has.
 * @throws ERR_PLATFORM where the program is for another machine and no emulator is registered for it
 */
export function checkProgram(
  step: { root: Tree; argv: readonly string[]; path: string; cwd: string; platform: Platform },
  local: Platform,
  handlers: readonly BinfmtHandler[] | undefined = readHandlers(),
): void {
  const { root, argv, path, cwd, platform } = step;
  if (handlers === undefined) return;
  const program = findProgram(root, { name: argv[0] ?? '', path, cwd });
  const machine = program && machineOf(program.head);
  // What is no ELF file, or is not there, the runtime tells best.
  if (!program || !machine || nativeTo(local.architecture).includes(machine)) return;
  const handler = handlerFor(handlers, program.head);
  const at = `a step for ${formatPlatform(platform)} can't run here: ${program.path} is for ${machine}`;
  if (handler === undefined) {
    throw new SlipwayError(
      'ERR_PLATFORM',
      `${at}, this machine is ${local.architecture} without an emulator for it`,
      {
        hint: emulatorHint,
      },
    );
  }
  if (handler.fixed) return;
  const interpreter = resolvePath(root, handler.interpreter, { followLast: true });
  if (root.lstat(interpreter)?.type === 'file') return;
  throw new SlipwayError(
    'ERR_PLATFORM',
    `${at}, and its emulator ${handler.interpreter} is not in the image, where binfmt_misc entry ${handler.name} has it looked for`,
    {
      hint: 'register it with the flag F (qemu-user-static with binfmt-support does), or copy it into the image before the step',
    },
  );
}
