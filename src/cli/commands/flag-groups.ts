// The headings under which the help of `slipway build` lists its flags.

export const flagGroups = {
  input: 'What to build',
  result: 'What comes out',
  cache: 'Cache',
  steps: 'How steps run',
  report: 'What is told',
  machine: 'This machine',
} as const;
