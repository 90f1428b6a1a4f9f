// Which rung of the isolation ladder a machine stands on, and what each better one would need: from facts and trials. Pure.
import { isAtLeast, type Protection, promises, type Rung, rungs } from './ladder.ts';
import type { MachineFacts } from './machine-facts.ts';
import { type Lack, type Missing, missingThing } from './remedies.ts';
import { noFilter, noLaunch } from './set-up-hint.ts';

/** What came of running a step with one runtime. */
export interface RungTrial {
  rung: Rung;
  /** `crun`, `sandbox`, `unshare`, … */
  name: string;
  /** An absolute path; `launcher` where that is our own. */
  command: string;
  works: boolean;
  /** Why it does not. */
  reason?: string | undefined;
  /** Protections of the rung that it has not: it stands in for what has. */
  lacks?: readonly Protection[] | undefined;
  /** False: its steps have an empty /proc. */
  proc?: boolean | undefined;
}

export interface RungAnswer {
  rung: Rung;
  works: boolean;
  /** Of the runtime that works, or of what was tried first. */
  name?: string | undefined;
  command?: string | undefined;
  lacks: readonly Protection[];
  /** What the trial said. */
  reason?: string | undefined;
  /** Empty where it works. */
  missing: readonly Missing[];
}

/** Whether a runtime keeps what a level promises: one that stands in for a rung may not. */
export function meets(trial: Pick<RungTrial, 'rung' | 'lacks'>, level: Rung): boolean {
  return isAtLeast(trial.rung, level) && !(trial.lacks ?? []).some((each) => promises(level, each));
}

function lacksOf(rung: Rung, facts: MachineFacts, tried: boolean): Lack[] {
  const { capabilities, uid } = facts;
  if (facts.platform !== 'linux') return ['linux'];
  const namespaces: Lack[] =
    facts.userNamespaces !== 'work' ? ['user namespaces'] : facts.ownProc ? [] : ['own proc'];
  switch (rung) {
    case 'oci':
    case 'sandbox': {
      const rights: Lack[] =
        uid !== 0
          ? ['root']
          : capabilities.includes('SYS_ADMIN')
            ? []
            : [rung === 'oci' ? 'mount for oci' : 'mount'];
      return [...rights, ...(rung === 'oci' && !tried ? ['oci runtime' as const] : [])];
    }
    case 'rootless': {
      // Root maps what ids it likes.
      const free = uid === 0 && capabilities.includes('SETUID') && capabilities.includes('SETGID');
      if (free) return namespaces;
      const { uids, gids } = facts.subids;
      return [
        ...namespaces,
        ...(facts.idMapping === 'works' ? [] : ['id mapping' as const]),
        ...(facts.userName === undefined ? ['user name' as const] : []),
        ...(Math.min(uids, gids) >= 65_535 ? [] : ['subordinate ids' as const]),
      ];
    }
    case 'rootless-single':
      return namespaces;
    case 'chroot':
      if (uid !== 0) return ['root'];
      return ['SYS_CHROOT', 'SETPCAP', 'MKNOD'].every((each) => capabilities.includes(each))
        ? []
        : ['chroot'];
  }
}

/** Also one that ran in a user namespace. */
const isOci = ({ name }: RungTrial): boolean => name === 'crun' || name === 'runc';

/** What a trial of ours failed for, where that is no right. */
function lackOfTrial(reason: string | undefined): Lack[] {
  if (reason?.includes(noLaunch)) return ['programs'];
  return reason?.includes(noFilter) ? ['filter of system calls'] : [];
}

/** Why what stands in for the sandbox has to. */
function lackOfSandbox(trials: readonly RungTrial[]): Lack {
  const own = trials.find(({ name }) => name === 'sandbox');
  return own === undefined ? 'launcher' : (lackOfTrial(own.reason)[0] ?? 'filter of system calls');
}

/** What is known of each rung, strongest first. @param trials in the order in which they were made */
export function judgeLadder(trials: readonly RungTrial[], facts: MachineFacts): RungAnswer[] {
  return rungs.map((rung) => {
    // One id is there where there are many.
    const isMet = (each: RungTrial): boolean =>
      each.rung === rung || (rung === 'rootless-single' && each.rung === 'rootless' && each.works);
    const own = trials.filter(isMet);
    // Many ids could not be had for what is in the way of one, too.
    if (rung === 'rootless-single' && own.length === 0)
      own.push(...trials.filter((each) => each.rung === 'rootless'));
    const best = own.find(({ works, lacks = [] }) => works && lacks.length === 0);
    const found = best ?? own.find(({ works }) => works);
    const { name, command, reason, lacks = [], proc = true } = found ?? own[0] ?? {};
    const stated = { rung, name, command, lacks: found ? lacks : [] };
    if (found !== undefined) {
      const short: Lack[] = [
        ...(lacks.includes('seccomp') ? [lackOfSandbox(trials)] : []),
        ...(proc ? [] : ['own proc' as const]),
      ];
      return { ...stated, works: true, missing: short.map((lack) => missingThing(lack, facts)) };
    }
    const lacking = lacksOf(rung, facts, trials.some(isOci));
    // All seems to be there, and one id is what came of it.
    const isSingle = trials.some((each) => each.rung === 'rootless-single' && each.works);
    if (rung === 'rootless' && lacking.length === 0 && isSingle) lacking.push('id mapping');
    const missing = (lacking.length > 0 ? lacking : lackOfTrial(reason)).map((lack) =>
      missingThing(lack, facts),
    );
    return { ...stated, works: false, reason, missing };
  });
}
