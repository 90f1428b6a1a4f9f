// What of a machine's report is well, what could be better, and what is in the way of builds, each with what to do.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cautionOf, ladder, type MachineReport, meets, type Rung } from '../../../index.ts';
import { readRegistryConfig } from '../../registry-config.ts';
import type { Session } from '../../session.ts';
import { humanSize } from '../images/human.ts';

export interface Check {
  about: string;
  /** `bad`: builds fail, or what is required is not met. `note`: something would be better. */
  status: 'good' | 'note' | 'bad';
  text: string;
  /** Commands and settings. */
  remedies: readonly string[];
}

export interface Diagnosis {
  healthy: boolean;
  /** Of the runtime that steps would run in; undefined where they can't run. */
  level: Rung | undefined;
  required: Rung | undefined;
  checks: readonly Check[];
}

export interface DiagnosisOptions {
  require: Rung | undefined;
  flags: { config?: string | undefined };
  session: Session;
}

const good = (about: string, text: string): Check => ({ about, status: 'good', text, remedies: [] });
const note = (about: string, text: string, remedies: readonly string[] = []): Check => ({
  ...{ about, status: 'note', text, remedies },
});
const bad = (about: string, text: string, remedies: readonly string[]): Check => ({
  ...{ about, status: 'bad', text, remedies },
});

function isolation({ used, rungs, state }: MachineReport, require: Rung | undefined): Check {
  const about = 'isolation';
  const remediesOf = (rung: Rung): string[] =>
    rungs.find((each) => each.rung === rung)?.missing.flatMap(({ remedies }) => remedies) ?? [];
  if (used === undefined && state.problem !== undefined)
    return bad(about, 'not tried: the state folder can not be used', []);
  if (used === undefined) {
    const ways = (['sandbox', 'rootless-single', 'chroot'] as const).flatMap((rung) =>
      remediesOf(rung).slice(0, 1),
    );
    return bad(about, 'steps can not run', [...new Set(ways)]);
  }
  const by = used.name === used.rung ? used.rung : `${used.rung}, by ${used.name}`;
  const text = `steps run ${ladder[used.rung].how} (${by})`;
  if (require !== undefined && !meets(used, require))
    return bad(about, `${text}, which is less than --require=${require}`, remediesOf(require));
  const caution = cautionOf(used);
  if (caution === undefined) return good(about, text);
  return note(about, `${text}: they ${caution.open.join(', ')}`, [
    ...new Set((['sandbox', 'rootless'] as const).flatMap((rung) => remediesOf(rung).slice(0, 1))),
  ]);
}

const layerKinds = {
  mixed: 'large layers are mounted where they lie, small ones unpacked (erofs, overlay)',
  overlay: 'layers are unpacked and stacked (overlay)',
  copy: 'steps get whole trees, which go on from one to the next (copy)',
  indexed: 'layers are looked into, and can not be run in (indexed)',
} as const;

function layers({ snapshotter, used }: MachineReport): Check | undefined {
  if (snapshotter === undefined || used === undefined) return undefined;
  const { kind, overlay, erofs } = snapshotter;
  const text = layerKinds[kind];
  if (kind === 'mixed') return good('layers', text);
  if (kind === 'overlay') return good('layers', erofs ? `${text}; --snapshotter=erofs works, too` : text);
  if (overlay || used.rung === 'chroot') return note('layers', text);
  return note('layers', `${text}: overlayfs does not work here`, [
    'put the state folder (--root) on ext4, xfs or btrfs, a volume in a container: overlayfs can not lie on overlayfs',
  ]);
}

function stateFolder({ state, used }: MachineReport): Check[] {
  const about = 'state folder';
  const { path, problem, fileSystem, free, freeFiles, allowsPrograms } = state;
  if (problem !== undefined)
    return [bad(about, `${path}: ${problem}`, ['name a folder of your own with --root or SLIPWAY_ROOT'])];
  const files = freeFiles === undefined ? '' : `, ${freeFiles} more files`;
  const text = `${path} on ${fileSystem ?? 'a file system'}: ${humanSize(free)} free${files}`;
  const prune = 'slipway prune, or another folder with --root';
  const checks = [
    free < 1 << 30 || (freeFiles ?? 1e9) < 20_000 ? note(about, text, [prune]) : good(about, text),
  ];
  if (!allowsPrograms)
    checks.push(
      note(
        about,
        used?.name === 'unshare'
          ? 'its mount allows no programs (noexec): steps run by way of unshare, without a filter of system calls'
          : 'its mount allows no programs (noexec), which the built-in sandbox and what rests on it need',
        ['name a folder on a mount without noexec: --root, or SLIPWAY_ROOT'],
      ),
    );
  if (fileSystem === 'nfs' || fileSystem === 'nfs4' || fileSystem === 'cifs')
    checks.push(
      note(about, `${fileSystem} has no overlayfs and slow locks`, [
        'put the state folder on a local disk: --root',
      ]),
    );
  return checks;
}

function limits({ cgroups }: MachineReport): Check {
  const held = cgroups.limits.filter(({ problem }) => problem === undefined).map(({ limit }) => limit);
  const missing = cgroups.limits.filter(({ problem }) => problem !== undefined);
  const version = cgroups.version === undefined ? 'no cgroups' : `cgroup v${cgroups.version}`;
  const first = missing[0];
  if (first === undefined) return good('limits', `${version}: --resource holds ${held.join(', ')}`);
  const rest = held.length > 0 ? `; ${held.join(', ')} can` : '';
  return note(
    'limits',
    `${version}: --resource can't hold ${missing.map(({ limit }) => limit).join(', ')}${rest} (${first.problem})`,
    [...(first.remedy ? [first.remedy] : [])],
  );
}

function system({
  system: { kernel, architecture, distribution, node, cores, memory, systemCalls, clockBehind, ...rest },
}: MachineReport): Check[] {
  const place = distribution ? `, ${distribution}` : '';
  const checks = [
    good(
      'system',
      `${rest.platform} ${kernel} ${architecture}${place}; ${cores} cores, ${humanSize(memory)}; Node.js ${node}`,
    ),
  ];
  if (systemCalls === 'programs')
    checks.push(
      note(
        'koffi',
        'is not there: extended attributes and device nodes go by getfattr, setfattr and mknod, far slower',
        ['npm install koffi (an optional dependency of slipway)'],
      ),
    );
  if (clockBehind > 0)
    checks.push(
      note(
        'clock',
        `it is ${clockBehind} seconds behind what earlier builds wrote: ages and --cache-ttl are wrong`,
        ['timedatectl set-ntp true'],
      ),
    );
  return checks;
}

function registries({ credentials }: MachineReport, { flags, session }: DiagnosisOptions): Check[] {
  const checks = credentials.map(({ path, logins, helpers, problem }) => {
    if (problem !== undefined) return bad('logins', problem, ['mend or remove the file, then slipway login']);
    const named = helpers.length > 0 ? `, helpers: ${helpers.join(', ')}` : '';
    return good('logins', `${path}: ${logins} registr${logins === 1 ? 'y' : 'ies'}${named}`);
  });
  try {
    readRegistryConfig(flags.config, session);
  } catch (error) {
    const { message, hint } = error as { message: string; hint?: string };
    checks.push(bad('registries', message, hint ? [hint] : []));
  }
  return checks;
}

function programs({ programs }: MachineReport): Check {
  const there = programs.flatMap(({ path }) => path ?? []);
  const missing = programs.filter(({ path }) => path === undefined).map(({ name }) => name);
  return good(
    'programs',
    `${there.join(' ')}${missing.length > 0 ? `; not there: ${missing.join(', ')}` : ''}`,
  );
}

/** Whether what V8 compiled is kept beside the program. */
function compileCache({ facts }: MachineReport): Check | undefined {
  const program = process.argv[1];
  const folder = program && join(dirname(program), 'pack');
  if (!folder) return undefined;
  try {
    const name = `first-${process.version}-${process.arch}.code`;
    readFileSync(join(folder, name));
    return good('start', `compiled code is kept in ${folder}`);
  } catch {
    return note('start', `no compiled code is kept in ${folder}: each start takes some 0.1 s longer`, [
      facts.container
        ? 'in the Dockerfile of this container: RUN slipway version'
        : `${facts.uid === 0 ? '' : 'sudo '}slipway version (once, by whoever may write there)`,
    ]);
  }
}

export function diagnose(report: MachineReport, options: DiagnosisOptions): Diagnosis {
  const checks = [
    isolation(report, options.require),
    layers(report),
    ...stateFolder(report),
    limits(report),
    ...system(report),
    ...registries(report, options),
    programs(report),
    compileCache(report),
  ].filter((check) => check !== undefined);
  const healthy = checks.every(({ status }) => status !== 'bad');
  return { healthy, level: report.used?.rung, required: options.require, checks };
}
