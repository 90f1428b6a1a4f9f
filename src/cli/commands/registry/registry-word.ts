// The registry that login and logout take.
import { SlipwayError } from '../../../errors.ts';

/** `registry.example.com:5000` from what people write. @throws ERR_USAGE */
export function registryWord(words: readonly string[], command: string): string {
  const [word = 'docker.io', ...more] = words;
  const host = word
    .replace(/^https?:\/\//i, '')
    .replace(/\/(v[12]\/?)?$/, '')
    .toLowerCase();
  if (more.length > 0 || host === '' || /[\s/@]/.test(host)) {
    throw new SlipwayError(
      'ERR_USAGE',
      `${command} takes one registry, not ${JSON.stringify(words.join(' '))}`,
      {
        hint: `${command} registry.example.com`,
      },
    );
  }
  return ['index.docker.io', 'registry-1.docker.io'].includes(host) ? 'docker.io' : host;
}
