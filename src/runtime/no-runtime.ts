// The error where steps can't run at all, or not as they were asked to: with what would let them.
import { SlipwayError } from '../errors.ts';
import { namespaceHint, userNamespace } from '../fs/user-namespace.ts';
import type { RungTrial } from './judge-ladder.ts';
import type { Rung } from './ladder.ts';
import type { MachineFacts } from './machine-facts.ts';
import { waysTo } from './ways.ts';

/** Rungs any of which would do, by what was asked for. */
const wanted = {
  auto: ['sandbox', 'rootless-single', 'chroot'],
  oci: ['oci'],
  sandbox: ['sandbox'],
  rootless: ['rootless-single'],
  chroot: ['chroot'],
} as const satisfies Record<string, readonly Rung[]>;

/** Where one way was forced. */
const others: Partial<Record<keyof typeof wanted, string>> = {
  oci: 'Try the built-in sandbox: --isolation=sandbox.',
  sandbox: 'Try an OCI runtime: --isolation=oci.',
};

export function noRuntime(
  message: string,
  isolation: keyof typeof wanted,
  { trials, facts }: { trials: readonly RungTrial[]; facts: MachineFacts },
): SlipwayError {
  const isWithin = userNamespace() !== undefined;
  const given = { rungs: wanted[isolation], trials, facts, isWithin };
  const ways = [others[isolation] ?? [], waysTo(given)].flat().join(' ');
  // Who could be in one is not: the library was used, and not the command.
  const isOutside = !isWithin && facts.uid !== 0 && facts.userNamespaces === 'work';
  return new SlipwayError('ERR_RUNTIME_MISSING', message, {
    hint: isOutside ? `${namespaceHint} ${ways}` : ways,
  });
}
