// Notes what a build fetches from Git repositories and over HTTP, for its provenance.
import type { Material } from '../attest/provenance.ts';
import { publicAddress } from '../attest/public-address.ts';
import { digestSet } from '../attest/statement.ts';
import { parseGitReference } from '../graph/git-reference.ts';
import type { Sources } from './sources.ts';

export interface RecordedSources {
  sources: Sources;
  /** What was fetched so far, each once. */
  materials(): Material[];
  /** What a context came to, by the address that the user gave. */
  find(address: string): Material | undefined;
}

export function recordSources(sources: Sources): RecordedSources {
  /** By what was asked for: it may hold a login, the material does not. */
  const found = new Map<string, Material>();
  return {
    sources: {
      ...sources,
      async git(spec, signal) {
        const files = await sources.git(spec, signal);
        const { commit, ref } = files.commit;
        const uri = `${publicAddress(spec.remote)}#${ref}`;
        found.set(`${spec.remote}#${spec.ref ?? ''}`, {
          uri,
          digest: { [commit.length > 40 ? 'sha256' : 'sha1']: commit },
        });
        return files;
      },
      async http(url, checksum, signal) {
        const file = await sources.http(url, checksum, signal);
        found.set(url, { uri: publicAddress(url), digest: digestSet(file.digest) });
        return file;
      },
    },
    materials: () => [...found.values()],
    find(address) {
      const git = parseGitReference(address);
      return found.get(git ? `${git.remote}#${git.ref ?? ''}` : address);
    },
  };
}
