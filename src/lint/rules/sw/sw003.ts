// SW003: a secret that is copied is in the image for good, even where a later step deletes it.
import { at, type LintRule, placeOf, unquote } from '../dl/walk.ts';
import { isContextCopy } from './copied.ts';

const name =
  /^(?:\.env(?:\..+)?|id_(?:rsa|dsa|ecdsa|ed25519)|\.npmrc|\.yarnrc\.yml|\.pypirc|[._]netrc|\.git-credentials|\.pgpass|\.my\.cnf|\.vault-token|\.dockercfg|\.dockerconfigjson|\.aws|\.ssh|\.kube|\.gnupg|\.azure|kubeconfig|master\.key|credentials(?:\.json|\.csv)?|service[-_]account[\w-]*\.json|secrets?\.(?:ya?ml|json|toml|env|txt)|.+\.(?:pem|key|p12|pfx|jks|keystore|ppk|tfstate))$/i;
const harmless =
  /\.(?:example|sample|template|tpl|dist|defaults?)$|^(?:.*[-_.])?(?:ca|cert|certs|chain|fullchain|public|pub|cacert|bundle|root)[\w-]*\.(?:pem|key)$/i;

/** What lies beside secrets. */
const beside = /(?:^|\/)(?:authorized_keys|known_hosts|config|[^/]+\.pub)$/;

export const sw003: LintRule = {
  code: 'SW003',
  name: 'SecretCopied',
  family: 'slipway',
  description: 'Files that hold secrets should be mounted, not copied',
  severity: 'warning',
  scope: 'instruction',
  on: ['COPY', 'ADD'],
  *check({ steps }) {
    for (const step of steps) {
      if (!isContextCopy(step)) continue;
      const { sources, destination } = step.instruction;
      // A file may also be called so only where it goes.
      for (const path of [...sources, destination]) {
        const secret = unquote(path)
          .split('/')
          .find((part) => name.test(part) && !harmless.test(part));
        if (secret === undefined || beside.test(unquote(path))) continue;
        const message = `${secret} usually holds secrets, and who has the image can read it: use RUN --mount=type=secret`;
        yield at(step, message, placeOf(step, path));
        break;
      }
    }
  },
};
