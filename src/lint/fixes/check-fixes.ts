// The fixes of BuildKit's checks, by code. The checks see instructions without their places in the text, and a build,
// which runs them, has no need of fixes.
import type { Fix } from '../fix.ts';
import type { LintFile, LintStep } from '../lint-file.ts';
import { fixAs, fixKeyword, fixStageName } from './casing.ts';
import { fixEmptyLines } from './continuation.ts';
import { fixDescription } from './description.ts';
import { fixRelativeWorkdir } from './folder.ts';
import { fixCommandForm } from './json-form.ts';
import { fixMaintainer } from './maintainer.ts';
import { fixOldPair } from './pairs.ts';
import { fixPlatform } from './platform.ts';
import { containerPort, fixPorts, lowerProtocol } from './ports.ts';
import { fixReplaced } from './removed.ts';
import { fixVariable } from './variable.ts';

type FixMaker = (step: LintStep, file: LintFile, message: string) => Fix | undefined;

export const checkFixes: Readonly<Record<string, FixMaker>> = {
  // The message names the case that most of the file is written in.
  ConsistentInstructionCasing: (step, _, message) =>
    fixKeyword(step, message.endsWith('(lowercase)') ? 'lowercase' : 'uppercase'),
  ExposeInvalidFormat: (step) => fixPorts(step, 'Name the port of the container alone', containerPort),
  ExposeProtoCasing: (step) => fixPorts(step, 'Write the protocol in lower case', lowerProtocol),
  FromAsCasing: fixAs,
  FromPlatformFlagConstDisallowed: (step) => fixPlatform(step, 'suggested'),
  InvalidDefinitionDescription: fixDescription,
  JSONArgsRecommended: fixCommandForm,
  LegacyKeyValueFormat: (step, { dockerfile }) => fixOldPair(step, dockerfile.escape),
  MaintainerDeprecated: (step, { dockerfile }) => fixMaintainer(step, dockerfile.escape),
  MultipleInstructionsDisallowed: fixReplaced,
  NoEmptyContinuation: fixEmptyLines,
  RedundantTargetPlatform: (step) => fixPlatform(step, 'safe'),
  StageNameCasing: fixStageName,
  UndefinedArgInFrom: (step, _, message) => fixVariable(step, message),
  UndefinedVar: (step, _, message) => fixVariable(step, message),
  WorkdirRelativePath: fixRelativeWorkdir,
};
