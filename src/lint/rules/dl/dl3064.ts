// DL3064: values of ARG and ENV stay readable in the image and its history.
import { at, isOneOf, type LintRule, placeOf, stepsOf, unquote } from './walk.ts';

const words = /api_key|client_key|password|private|secret|token|username/;
const names = [
  ...['APPLICATION_KEY', 'AWS_ACCESS_KEY_ID', 'CI_DEPLOY_USER', 'DOCKER_EMAIL', 'FACEBOOK_APP_ID'],
  ...['HEROKU_API_USER', 'OKTA_AUTHN_GROUPID', 'OKTA_CLIENT_ORGURL', 'OKTA_OAUTH2_CLIENTID'],
  ...['STRIPE_DEVICE_NAME', 'TRAVIS_OS_NAME', 'TRAVIS_SECURE_ENV_VARS', 'TRAVIS_SUDO'],
];
/** Whole words of a name that tell of a secret, and those that say it is none. */
const secret =
  /(?:^|_)(?:api_?keys?|auth|credentials?|keys?|pass(?:word|wd|phrase)?|pword|private|secrets?|tokens?)(?:_|$)/;
const harmless = /(?:^|_)(?:public|file|path|version|url|id)(?:_|$)/;

export const dl3064: LintRule = {
  code: 'DL3064',
  name: 'SecretInVariable',
  family: 'hadolint',
  description: 'ARG and ENV should hold no secrets',
  severity: 'warning',
  scope: 'instruction',
  on: ['ARG', 'ENV'],
  overlaps: ['SecretsUsedInArgOrEnv'],
  *check(file) {
    for (const step of stepsOf(file, ['ARG', 'ENV'], { onbuild: true })) {
      if (step.instruction.keyword === 'LABEL') continue;
      const args = isOneOf(step, ['ARG']) ? step.instruction.args.map(({ name }) => name) : [];
      const own = isOneOf(step, ['ENV']) ? step.instruction.pairs.map(({ key }) => unquote(key)) : [];
      for (const name of [...(file.compat ? args.slice(0, 1) : args), ...own]) {
        if (!(file.compat ? seemsSecret(name) : isSecret(name))) continue;
        const message = `${name} looks like a secret, and everybody who has the image can read it: use RUN --mount=type=secret`;
        yield at(step, message, placeOf(step, name));
      }
    }
  },
};

function seemsSecret(name: string): boolean {
  return words.test(name.toLowerCase()) || names.includes(name.toUpperCase());
}

function isSecret(name: string): boolean {
  const lower = name.toLowerCase();
  return (secret.test(lower) && !harmless.test(lower)) || name === 'AWS_ACCESS_KEY_ID';
}
