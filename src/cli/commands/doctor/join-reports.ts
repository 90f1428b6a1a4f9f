// What a machine gives in all: of a report from here and of one from within a user namespace, and which of both builds meet. Pure.
import { type EngineOptions, judgeLadder, type MachineReport, type RungTrial } from '../../../index.ts';

export interface Views {
  own: MachineReport;
  inside: MachineReport | undefined;
  isolation: EngineOptions['isolation'];
}

const isWithin = ({ rung }: RungTrial): boolean => rung === 'rootless' || rung === 'rootless-single';
const isOci = ({ name }: RungTrial): boolean => name === 'crun' || name === 'runc';

const accepts: Record<EngineOptions['isolation'], (trial: RungTrial) => boolean> = {
  auto: () => true,
  oci: isOci,
  sandbox: (trial) => !isOci(trial) && trial.name !== 'chroot',
  rootless: (trial) => trial.name === 'sandbox' && isWithin(trial),
  chroot: ({ name }) => name === 'chroot',
};

/** Whether a build would enter a namespace of its own first (needs-namespace.ts). */
function enters({ own: { facts }, isolation }: Views): boolean {
  if (facts.uid !== 0 || isolation === 'rootless') return true;
  return isolation === 'auto' && !facts.capabilities.includes('SYS_ADMIN') && facts.ownProc;
}

export function joinReports(views: Views): MachineReport {
  const { own, inside, isolation } = views;
  const within = (inside?.trials ?? []).filter(isWithin);
  const trials = [
    ...own.trials,
    ...within.filter(({ works, rung }) => works || !own.trials.some((one) => one.rung === rung)),
  ];
  const met = inside !== undefined && within.length > 0 && enters(views) ? inside : own;
  const used = met.trials.find((trial) => trial.works && accepts[isolation](trial));
  const { snapshotter, cgroups } = met;
  return { ...own, trials, rungs: judgeLadder(trials, own.facts), used, snapshotter, cgroups };
}
