// `slipway lint` as the help knows it.
import type { Command } from '../session.ts';
import { lintFlags } from './lint-flags.ts';

export const command: Command = {
  name: 'lint',
  usage: 'slipway lint [flags] [FILE|FOLDER...|-]',
  description:
    "Finds mistakes in Dockerfiles: hadolint's rules and BuildKit's checks in one run, what both say once. What can't be parsed is a finding like others, and the rest of the file is looked at.",
  flags: lintFlags,
  examples: [
    { does: 'What is wrong with a file', command: 'slipway lint Dockerfile' },
    { does: 'A text of another program, as JSON', command: 'slipway lint --format json -' },
    { does: 'Why a rule is there', command: 'slipway lint --explain DL3008' },
    { does: 'Mend what can be mended safely', command: 'slipway lint --fix Dockerfile' },
    { does: 'All Dockerfiles below the current folder', command: 'slipway lint .' },
    { does: "For GitHub's code scanning", command: 'slipway lint -f sarif -o lint.sarif .' },
    {
      does: 'Start green in an old repository: note what is there, report what is new',
      command: 'slipway lint --write-baseline . && slipway lint --baseline slipway-lint-baseline.json .',
    },
    { does: 'As hadolint would, in its place', command: 'slipway lint --compat=hadolint Dockerfile' },
  ],
  exitCodes: [
    '0    nothing found, or nothing as severe as --failure-threshold',
    '1    something found',
    '2    the command line is wrong',
    '3    this machine is at fault',
    '130  interrupted (143: terminated)',
  ],
  notes: [
    {
      heading: 'Comments',
      lines: [
        '# hadolint ignore=DL3008,DL3018     above an instruction leaves rules out for it',
        '# hadolint global ignore=DL3008     anywhere, for the file',
        '# hadolint stage ignore=DL3008      above FROM, for what follows it in its stage',
        "# check=skip=JSONArgsRecommended    BuildKit's own, at the top or above an instruction",
      ],
    },
    {
      heading: 'Config files',
      lines: [
        '.hadolint.yaml is read where hadolint looks for it, as are its HADOLINT_ variables. slipway.yaml, in this folder or above, has a section lint: rules (a code and off, on or a severity), experimental, compat, trusted-registries, label-schema, failure-threshold, format, baseline, include, exclude, and overrides for some files. The command line counts more than slipway.yaml, that more than .hadolint.yaml, that more than the environment.',
      ],
    },
  ],
  async run(argv, session) {
    const { runLint } = await import('./lint.ts');
    return runLint(argv, session);
  },
};
