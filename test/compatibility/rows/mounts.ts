// Rows: RUN --mount.
import { generateKeyPairSync } from 'node:crypto';
import type { Probe, Section } from '../row.ts';

const steps = (lines: string, rest: Omit<Probe, 'needs' | 'dockerfile'> = {}): Probe => ({
  needs: ['steps'],
  dockerfile: `FROM base\n${lines}\n`,
  ...rest,
});
const privateKey = (): Buffer =>
  Buffer.from(
    generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs1', format: 'pem' }),
  );
const options = (mount: string): Probe => ({
  dockerfile: `FROM base\nRUN --mount=${mount} true\n`,
  refused: true,
});

export const mounts: Section = {
  slug: 'mounts',
  title: 'RUN --mount',
  rows: [
    {
      slug: 'mount-syntax',
      what: 'Comma-separated options in any case, quoted fields, variables in values (in `from` they are an error)',
      status: 'yes',
      note: 'A key that a type has no use for is an error; BuildKit passes over `id` and `env`',
      probes: [
        steps('ARG T=/m\nRUN --mount=TYPE=bind,\\"target=$T/a,b\\" test -e "/m/a,b/f"', { files: { f: '' } }),
        steps('ARG F=base\nRUN --mount=from=$F,target=/m true', { fails: /variable/ }),
        steps('RUN --mount=type=bind,targt=/m true', { fails: /target/ }),
        steps('RUN --mount=type=cache true', { fails: /no target/ }),
        steps('RUN --mount=type=tmpfs,target=/m,id=x true', { fails: /id/ }),
      ],
    },
    {
      slug: 'mount-bind',
      what: '`type=bind`: `source`, `target`, `from`, `ro`, `rw` and their other names; read-only unless `rw`, whose writes are dropped',
      status: 'yes',
      probes: [
        steps(
          'WORKDIR /w\nRUN --mount=src=f,dst=m test "$(cat /w/m)" = x && ! touch /w/m\nRUN --mount=target=/m,readwrite touch /m/new && test -e /m/f\nRUN test ! -e /m/new',
          { files: { f: 'x' } },
        ),
        steps('RUN --mount=target=/ true', { fails: /target|\// }),
      ],
    },
    {
      slug: 'mount-bind-buildah',
      what: "Buildah's options of `type=bind`: `relabel`, `z`, `Z`, `U`, `bind-propagation`, …",
      status: 'no',
      probes: [options('type=bind,target=/m,z'), options('type=bind,target=/m,bind-propagation=shared')],
    },
    {
      slug: 'mount-cache',
      what: '`type=cache`: `id`, `target`, `ro`, `sharing`, `from`, `source`, `mode`, `uid`, `gid`',
      status: 'yes',
      note: 'Owner and mode hold with `from` as well, where BuildKit passes over them or shows an empty folder',
      probes: [
        steps(
          'RUN --mount=type=cache,id=k,target=/c,mode=0700,uid=7,gid=8,sharing=locked touch /c/x && test "$(stat -c %a:%u:%g /c)" = 700:7:8\nRUN --mount=type=cache,id=k,target=/d,mode=0700,uid=7,gid=8,ro test -e /d/x && ! touch /d/y\nRUN --mount=type=cache,target=/e,from=base,source=/etc test -e /e/group',
        ),
      ],
    },
    {
      slug: 'mount-cache-lasts',
      what: 'Cache mounts last from build to build',
      status: 'yes',
      probes: [
        {
          needs: ['steps'],
          dockerfile:
            'FROM base AS one\nRUN --mount=type=cache,target=/lasting touch /lasting/x\nFROM base\nRUN --mount=type=cache,target=/lasting test -e /lasting/x\n',
          before: [
            [
              'build',
              '--target=one',
              '--build-context=base=oci-layout://{base}:latest',
              '-o',
              'type=cacheonly',
              '.',
            ],
          ],
        },
      ],
    },
    {
      slug: 'mount-tmpfs',
      what: '`type=tmpfs`: `target`, `size`',
      status: 'yes',
      probes: [
        steps(
          'RUN --mount=type=tmpfs,target=/t,size=1m touch /t/x && ! dd if=/dev/zero of=/t/y bs=1024 count=2000 2>&-',
        ),
      ],
    },
    {
      slug: 'mount-tmpfs-buildah',
      what: "Buildah's options of `type=tmpfs`: `tmpfs-size`, `tmpfs-mode`, `tmpcopyup`",
      status: 'no',
      probes: [options('type=tmpfs,target=/t,tmpfs-size=1m'), options('type=tmpfs,target=/t,tmpcopyup')],
    },
    {
      slug: 'mount-secret',
      what: '`type=secret`: a file (0400, of root, `/run/secrets/ID`) or a variable; one that is not given and not `required` is not there',
      status: 'yes',
      probes: [
        steps(
          'RUN --mount=type=secret,id=s test "$(cat /run/secrets/s)" = value && test "$(stat -c %a:%u /run/secrets/s)" = 400:0\nRUN --mount=type=secret,id=s,env=S test "$S" = value && test ! -e /run/secrets/s\nRUN --mount=type=secret,id=s,target=/s,mode=0444,uid=5 test "$(stat -c %a:%u /s)" = 444:5\nRUN --mount=type=secret,id=other test ! -e /run/secrets/other',
          { flags: ['--secret=id=s,env=S'], env: { S: 'value' } },
        ),
        steps('RUN --mount=type=secret,id=s,required true', { fails: /secret/ }),
      ],
    },
    {
      slug: 'mount-ssh',
      what: '`type=ssh`: `id`, `target`, `required`, `mode`, `uid`, `gid`; SSH_AUTH_SOCK is set',
      status: 'yes',
      probes: [
        steps('RUN --mount=type=ssh,required true', { fails: /--ssh/ }),
        steps(
          'RUN --mount=type=ssh,required,target=/agent,mode=0666,uid=5 test -S /agent && test "$SSH_AUTH_SOCK" = /agent && test "$(stat -c %a:%u /agent)" = 666:5',
          {
            files: { key: privateKey },
            flags: ['--ssh=default=key'],
          },
        ),
      ],
    },
    {
      slug: 'mount-points',
      what: 'Mount points that are made for a step are not in its layer',
      status: 'yes',
      probes: [steps('RUN --mount=type=tmpfs,target=/mp touch /mp/x', { tree: { '/mp': false } })],
    },
    {
      slug: 'mount-order',
      what: 'Mounts within others are there whatever order they are written in; of two on one target the later counts',
      status: 'yes',
      probes: [
        steps(
          'RUN --mount=source=f,target=/m/in/f --mount=type=tmpfs,target=/m test -e /m/in/f\nRUN --mount=target=/m --mount=source=f,target=/m test -f /m',
          { files: { f: '' } },
        ),
      ],
    },
    {
      slug: 'mount-from',
      what: '`from=` an image, a stage or a named context',
      status: 'yes',
      probes: [
        {
          needs: ['steps'],
          dockerfile:
            'FROM scratch AS one\nCOPY f /\nFROM base\nRUN --mount=from=one,target=/a --mount=from=other,target=/b --mount=from=base,target=/c test -e /a/f -a -e /b/f -a -e /c/etc/group\n',
          files: { f: '' },
          flags: ['--build-context=other=.'],
        },
      ],
    },
  ],
};
