// Where the cache service of GitHub Actions is, and who asks it: as the flag says, else as the runner tells those whom it starts.
import { SlipwayError } from '../errors.ts';

type Environment = Record<string, string | undefined>;

export interface GhaPlace {
  url: URL;
  token: string;
}

const expose =
  'GitHub shows these variables to actions alone: a step before this one has to pass them on (docs/ci.md, GitHub Actions)';

/** @throws ERR_UNAUTHORIZED outside of GitHub Actions, ERR_UNSUPPORTED where only version 1 is spoken, ERR_USAGE */
export function ghaPlace(given: { url?: string; token?: string }, env: Environment): GhaPlace {
  const isOld = /^(?:false|f|0)$/i.test(env['ACTIONS_CACHE_SERVICE_V2'] ?? '');
  const address = given.url ?? (isOld ? undefined : env['ACTIONS_RESULTS_URL']);
  const token = given.token ?? env['ACTIONS_RUNTIME_TOKEN'];
  if (!address && (isOld || env['ACTIONS_CACHE_URL'])) {
    throw new SlipwayError('ERR_UNSUPPORTED', 'the cache service of this runner speaks version 1 alone', {
      hint: 'version 2 is spoken by GitHub itself: ACTIONS_RESULTS_URL has its address; elsewhere take type=registry, s3 or local',
    });
  }
  if (!address || !token) {
    const missing = [address ? [] : ['ACTIONS_RESULTS_URL'], token ? [] : ['ACTIONS_RUNTIME_TOKEN']].flat();
    const are = missing.length > 1 ? 'are' : 'is';
    const message = `this is no step of GitHub Actions, or one that may not use its cache: ${missing.join(' and ')} ${are} not set`;
    throw new SlipwayError('ERR_UNAUTHORIZED', message, { hint: expose });
  }
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url?.protocol === 'https:' || url?.protocol === 'http:') return { url, token };
  throw new SlipwayError('ERR_USAGE', 'the address of the cache service is no web address', {
    hint: 'url_v2=https://…, or ACTIONS_RESULTS_URL in the environment',
  });
}
