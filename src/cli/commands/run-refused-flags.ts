// Flags of docker run that are refused, each with the way round: nothing is accepted and ignored.
import type { Flag } from '../arguments.ts';

const ports = 'leave it out: with --network host, the default, ports are those of this machine';
const rights = 'use --privileged, which gives every right';

const refused = (name: string, type: Flag['type'], way: string, except?: string[]): Flag => ({
  ...{ name, type, group: 'Not supported', help: '' },
  unsupported: except ? { way, except } : { way },
});

export const refusedRunFlags: readonly Flag[] = [
  {
    ...refused('tty', 'boolean', 'leave it out: there is no terminal; -i alone passes standard input on', [
      'false',
    ]),
    short: 't',
  },
  {
    ...refused('detach', 'boolean', 'leave it out and start it in the background: slipway run … &', [
      'false',
    ]),
    short: 'd',
  },
  { ...refused('publish', 'list', ports), short: 'p' },
  { ...refused('publish-all', 'boolean', ports, ['false']), short: 'P' },
  refused('mount', 'list', 'use --volume SRC:DST[:ro] or --tmpfs DIR'),
  refused('volumes-from', 'list', 'use --volume SRC:DST[:ro]'),
  refused('name', 'text', 'leave it out: nothing is kept that could be named'),
  refused('init', 'boolean', 'leave it out: what is left of the command ends with it', ['false']),
  refused('restart', 'text', 'use a service manager: systemd-run -p Restart=always slipway run …', ['no']),
  refused('cap-add', 'list', rights),
  refused('cap-drop', 'list', 'leave it out: the rights are those that Docker gives by default'),
  refused('security-opt', 'list', rights),
  refused('device', 'list', 'leave it out: devices of this machine are not shown'),
  refused('gpus', 'text', 'leave it out: devices of this machine are not shown'),
];
