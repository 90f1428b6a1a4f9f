// Rows: RUN.
import * as assert from 'uvu/assert';
import type { Probe, Section } from '../row.ts';

/** A build whose steps must succeed, on busybox. */
const steps = (lines: string, rest: Omit<Probe, 'needs' | 'dockerfile'> = {}): Probe => ({
  needs: ['steps'],
  dockerfile: `FROM base\n${lines}\n`,
  ...rest,
});

export const run: Section = {
  slug: 'run',
  title: 'RUN',
  rows: [
    {
      slug: 'run-shell-form',
      what: 'Shell form: the words of SHELL and the line; the environment is that of the image and the arguments',
      status: 'yes',
      probes: [
        steps(
          'ARG A=1\nENV E=2\nRUN test "$A$E" = 12\nSHELL ["/bin/sh", "-euc"]\nRUN test "$-" != "${-#*u}"',
        ),
      ],
    },
    {
      slug: 'run-exec-form',
      what: 'Exec form: found in the PATH of the image, nothing is expanded',
      status: 'yes',
      probes: [steps('RUN ["test", "$HOME", "!=", "/root"]')],
    },
    {
      slug: 'run-heredoc',
      what: 'A here-document as the script; with `#!` in its first line it is run by that interpreter',
      status: 'yes',
      probes: [
        steps('RUN <<EOF\na=1\ntest "$a" = 1\nEOF'),
        steps('RUN <<EOF\n#!/bin/awk -f\nBEGIN { exit 0 }\nEOF'),
        steps('RUN cat <<A > /a && cat <<B >> /a\na\nA\nb\nB\nRUN test "$(cat /a)" = "$(printf "a\\nb")"'),
      ],
    },
    {
      slug: 'run-network',
      what: '`RUN --network=default`, `none`, `host`',
      status: 'yes',
      note: '`host` asks for `--allow network.host`',
      probes: [
        steps('RUN --network=none test "$(ls /sys/class/net)" = lo'),
        steps('RUN --network=host test -d /sys/class/net/lo', { flags: ['--allow=network.host'] }),
        steps('RUN --network=host true', { fails: '--allow' }),
      ],
    },
    {
      slug: 'run-security',
      what: '`RUN --security=sandbox` and `insecure`',
      status: 'yes',
      note: '`insecure` asks for `--allow security.insecure`',
      probes: [
        steps(
          'RUN --security=insecure mount -t tmpfs t /tmp\nRUN --security=sandbox ! mount -t tmpfs t /tmp',
          {
            flags: ['--allow=security.insecure'],
          },
        ),
        steps('RUN --security=insecure true', { fails: '--allow' }),
      ],
    },
    {
      slug: 'run-device',
      what: '`RUN --device`',
      status: 'no',
      probes: [{ dockerfile: 'FROM base\nRUN --device=vendor.com/gpu=all true\n', refused: true }],
    },
    {
      slug: 'run-user',
      what: 'USER and WORKDIR hold for RUN: numbers need not be in passwd, names must; a group given leaves out the supplementary groups',
      status: 'yes',
      probes: [
        steps('WORKDIR /w\nUSER 4321\nRUN test "$(id -u):$(id -g):$PWD" = 4321:0:/w'),
        steps('USER app\nRUN test "$(id -G)" = "1000 2000"'),
        steps('USER app:app\nRUN test "$(id -G)" = 1000'),
        steps('USER nobody-here\nRUN true', { fails: 'nobody-here' }),
      ],
    },
    {
      slug: 'run-home',
      what: 'HOME is what passwd says, `/root` for root, `/` for whoever is not there',
      status: 'yes',
      probes: [
        steps(
          'RUN test "$HOME" = /root\nUSER app\nRUN test "$HOME" = /home/app\nUSER 4321\nRUN test "$HOME" = /',
        ),
      ],
    },
    {
      slug: 'run-environment',
      what: 'PATH has a default, the host name is `buildkitsandbox`; `/etc/hosts` and `/etc/resolv.conf` are there, and in no layer',
      status: 'yes',
      probes: [
        steps('RUN test "$(hostname)" = buildkitsandbox && test -s /etc/hosts && test -e /etc/resolv.conf', {
          tree: { '/etc/hosts': false, '/etc/resolv.conf': false },
        }),
      ],
    },
    {
      slug: 'run-system-folders',
      what: '`/proc`, `/sys`, `/dev`, `/dev/shm`, `/dev/pts` and `/tmp` are those of a container',
      status: 'yes',
      probes: [
        steps(
          'RUN test -e /proc/self && test -d /sys/class && test -c /dev/null && touch /dev/shm/x /tmp/x && test -d /dev/pts',
          {
            tree: { '/dev/shm/x': false, '/tmp/x': '' },
          },
        ),
      ],
    },
    {
      slug: 'run-layer',
      what: 'The layer of a RUN holds what changed: whiteouts, hard links, devices, modes, owners',
      status: 'yes',
      probes: [
        steps(
          'RUN rm /etc/group && echo x > /a && ln /a /b && mknod /pipe p && chown 7:8 /a && chmod 4755 /a && ln -s a /c',
          {
            tree: {
              '/etc/group': false,
              '/b': 'x\n',
              '/a': { mode: 0o4755, uid: 7, gid: 8 },
              '/pipe': { type: 'fifo' },
              '/c': { link: 'a' },
            },
            see: async ({ image }) => assert.ok((await image()).layers.at(-1)!.has('etc/.wh.group')),
          },
        ),
      ],
    },
    {
      slug: 'run-empty-layer',
      what: 'A RUN that changes nothing makes an empty layer all the same',
      status: 'yes',
      probes: [
        steps('RUN true', {
          see: async ({ image }) => {
            const { layers, config } = await image();
            assert.is(layers.length, 2);
            assert.not(config.history.at(-1)!.empty_layer);
          },
        }),
      ],
    },
    {
      slug: 'run-history',
      what: 'The history says `RUN |1 A=b /bin/sh -c … # buildkit`',
      status: 'yes',
      probes: [
        steps('ARG A=b\nRUN : history', {
          see: async ({ image }) => {
            const entry = (await image()).config.history.at(-1)!;
            assert.is(entry.created_by, 'RUN |1 A=b /bin/sh -c : history # buildkit');
            assert.is(entry.comment, 'buildkit.dockerfile.v0');
          },
        }),
      ],
    },
    {
      slug: 'run-failure',
      what: 'A step that fails says its exit code, and its last lines once more',
      status: 'yes',
      probes: [steps('RUN echo last words; exit 42', { fails: /last words[\s\S]*last words[\s\S]*42/ })],
    },
  ],
};
