// Rows: build checks.
import * as assert from 'uvu/assert';
import type { Probe, Section } from '../row.ts';

/** The check finds just this rule. */
const finds = (rule: string, dockerfile: string, rest: Partial<Probe> = {}): Probe => ({
  dockerfile,
  flags: ['--call=check,format=json,ignorestatus=true'],
  ...rest,
  see: ({ stdout }) => {
    const { warnings = [] } = JSON.parse(stdout.toString()) as { warnings?: { ruleName: string }[] };
    assert.ok(
      warnings.some(({ ruleName }) => ruleName === rule),
      `${rule} is not in ${stdout}`,
    );
  },
});

/** `slipway lint` finds these rules, and no others. */
const lints = (rules: string[], files: Record<string, string>, flags: string[] = []): Probe => ({
  files,
  argv: ['lint', '--format=json', '--no-fail', '--no-base-images', ...flags, 'Dockerfile'],
  see: ({ stdout }) => {
    const found = JSON.parse(stdout.toString()) as { code: string }[];
    assert.equal([...new Set(found.map(({ code }) => code))].sort(), rules);
  },
});

export const checks: Section = {
  slug: 'checks',
  title: 'Build checks and linting',
  rows: [
    {
      slug: 'buildkit-checks',
      what: "Docker's 22 build checks: `--check`, and as warnings of every build",
      status: 'yes',
      note: 'Each is described in [rules](rules). InvalidBaseImagePlatform, which needs the image, is told by builds alone',
      probes: [
        finds('StageNameCasing', 'FROM scratch AS One\nLABEL a=1\n'),
        finds('FromAsCasing', 'FROM scratch as one\nLABEL a=1\n'),
        finds('NoEmptyContinuation', 'FROM scratch\nLABEL a=1 \\\n\n b=2\n'),
        finds('ConsistentInstructionCasing', 'FROM scratch\nlabel a=1\nLABEL b=1\n'),
        finds('DuplicateStageName', 'FROM scratch AS a\nLABEL a=1\nFROM scratch AS a\nLABEL a=1\n'),
        finds('ReservedStageName', 'FROM scratch AS context\nLABEL a=1\n'),
        finds('JSONArgsRecommended', 'FROM scratch\nCMD a b\n'),
        finds('MaintainerDeprecated', 'FROM scratch\nMAINTAINER a\n'),
        finds('UndefinedArgInFrom', 'FROM scratch$X\nLABEL a=1\n'),
        finds('WorkdirRelativePath', 'FROM scratch\nWORKDIR a\n'),
        finds('UndefinedVar', 'FROM scratch\nLABEL a=$x\n'),
        finds('MultipleInstructionsDisallowed', 'FROM scratch\nCMD ["a"]\nCMD ["b"]\n'),
        finds('LegacyKeyValueFormat', 'FROM scratch\nENV a b\n'),
        finds('RedundantTargetPlatform', 'FROM --platform=$TARGETPLATFORM scratch\nLABEL a=1\n'),
        finds('SecretsUsedInArgOrEnv', 'FROM scratch\nENV API_TOKEN=a\n'),
        finds('InvalidDefaultArgInFrom', 'ARG X\nFROM scratch:${X}\nLABEL a=1\n'),
        finds('FromPlatformFlagConstDisallowed', 'FROM --platform=linux/amd64 scratch\nLABEL a=1\n'),
        finds('CopyIgnoredFile', 'FROM scratch\nCOPY f /\n', { files: { f: '', '.dockerignore': 'f\n' } }),
        finds(
          'InvalidDefinitionDescription',
          '# check=experimental=all\n# other words\nFROM scratch AS a\nLABEL a=1\n',
        ),
        finds('ExposeProtoCasing', 'FROM scratch\nEXPOSE 80/TCP\n'),
        { dockerfile: 'FROM --platform=linux/s390x base\nLABEL a=1\n', stderr: /InvalidBaseImagePlatform/ },
        finds('ExposeInvalidFormat', 'FROM scratch\nEXPOSE 127.0.0.1:80:80\n'),
      ],
    },
    {
      slug: 'hadolint-rules',
      what: "Hadolint's rules, with ShellCheck",
      status: 'yes',
      note: '`slipway lint`: all DL rules, and what ShellCheck finds most in RUN under its codes; `--shellcheck` has the program look for the rest. [Linting](lint.md)',
      probes: [
        lints(['DL3006', 'DL3008', 'SC2046'], {
          Dockerfile: 'FROM debian\nRUN apt-get install -y --no-install-recommends $(cat f) curl\n',
        }),
        lints(['DL3020'], { Dockerfile: 'FROM scratch\nADD a /\n' }, ['--compat=hadolint']),
      ],
    },
    {
      slug: 'hadolint-config',
      what: "Hadolint's configuration: `.hadolint.yaml`, pragmas in comments",
      status: 'yes',
      probes: [
        lints(['DL3020'], { Dockerfile: 'FROM debian\nADD a /\n', '.hadolint.yaml': 'ignored: [DL3006]\n' }),
        lints(['DL3020'], { Dockerfile: '# hadolint ignore=DL3006\nFROM debian\nADD a /\n' }),
      ],
    },
    {
      slug: 'check-formats',
      what: 'Findings as text and JSON (`--call=check,format=json`); SARIF, JUnit and others of Hadolint',
      status: 'yes',
      note: "`build --check` speaks text and JSON; `slipway lint --format` all of Hadolint's, BuildKit's two, and GitHub's annotations",
      probes: [
        finds('FromAsCasing', 'FROM scratch as one\nLABEL a=1\n'),
        { dockerfile: 'FROM scratch\nLABEL a=1\n', flags: ['--call=check,format=sarif'], refused: true },
        {
          files: { Dockerfile: 'FROM scratch\nADD a /\n' },
          argv: ['lint', '--format=sarif', '--no-fail', 'Dockerfile'],
          stdout: /"ruleId": "DL3020"/,
        },
      ],
    },
    {
      slug: 'autofix',
      what: 'Mending what is found',
      status: 'yes',
      note: '`slipway lint --fix`, `--fix=all`, `--diff`',
      probes: [
        {
          files: { Dockerfile: 'from scratch\nADD a /\nLABEL b=1\n' },
          argv: ['lint', '--fix', '--no-fail', 'Dockerfile'],
          wrote: { 'context/Dockerfile': 'FROM scratch\nCOPY a /\nLABEL b=1\n' },
        },
      ],
    },
  ],
};
