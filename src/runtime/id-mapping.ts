// What keeps newuidmap from mapping ranges of ids, and what lets it. Pure.
import { byEngine } from './container-flags.ts';
import type { MachineFacts } from './machine-facts.ts';
import type { Missing } from './missing.ts';
import { asRoot, installing } from './remedy-commands.ts';

const [uidMap, gidMap] = ['"$(command -v newuidmap)"', '"$(command -v newgidmap)"'];
const byCapabilities = `chmod u-s ${uidMap} ${gidMap} && setcap cap_setuid=ep ${uidMap} && setcap cap_setgid=ep ${gidMap}`;

const giveCapabilities = (facts: MachineFacts): string[] =>
  installing(
    facts,
    {
      debian: `apt-get install -y libcap2-bin && ${byCapabilities}`,
      fedora: byCapabilities,
      alpine: `apk add libcap && ${byCapabilities}`,
      arch: byCapabilities,
      suse: byCapabilities,
    },
    byCapabilities,
  );

export function idMapping(facts: MachineFacts): Missing {
  const missing = (what: string, remedies: readonly string[]): Missing => ({
    lack: 'id mapping',
    what,
    remedies,
  });
  // In a container being root by setuid is not enough.
  const [also, then] = facts.container
    ? [{ debian: ' libcap2-bin', alpine: ' libcap' }, ` && ${byCapabilities}`]
    : [{ debian: '', alpine: '' }, ''];
  const install = (command: string): string => `${command}${then}`;
  switch (facts.idMapping) {
    case 'missing':
      return missing(
        'newuidmap and newgidmap are not installed',
        installing(
          facts,
          {
            debian: install(`apt-get install -y uidmap${also.debian}`),
            fedora: 'dnf install -y shadow-utils',
            alpine: install(`apk add shadow-uidmap${also.alpine}`),
            arch: install('pacman -S --noconfirm shadow'),
            suse: install('zypper install -y shadow'),
          },
          'install newuidmap and newgidmap (shadow, uidmap)',
        ),
      );
    case 'setuid':
      return missing(
        'newuidmap and newgidmap are setuid, by which they map no ids where CAP_SYS_ADMIN can not be had',
        giveCapabilities(facts),
      );
    case 'works':
      return missing('newuidmap does not map the ranges of this user', [
        'see why: unshare --user --map-auto --map-root-user true',
      ]);
    case 'powerless':
      if (!facts.noNewPrivileges)
        return missing(
          'newuidmap and newgidmap have no right to map ids',
          facts.container ? giveCapabilities(facts) : [asRoot(facts, `chmod u+s ${uidMap} ${gidMap}`)],
        );
      return missing(
        'newuidmap can gain no rights: this process has no_new_privs',
        byEngine(facts, {
          none: ['start slipway without no_new_privs (a service: NoNewPrivileges=no)'],
          docker: ['leave out --security-opt no-new-privileges'],
          kubernetes: [
            'securityContext: {allowPrivilegeEscalation: true, capabilities: {add: [SETUID, SETGID]}}',
          ],
        }),
      );
  }
}
