// Where an image is to be pushed: names, put together by repository.
import type { BuildRequest, OutputSpec, PushOptions } from '../build-request.ts';
import { SlipwayError } from '../errors.ts';
import { parseReference } from '../oci/reference.ts';

export interface PushTarget {
  /** The repository: `docker.io/library/app`. */
  name: string;
  registry: string;
  /** None: under the digest alone. */
  tags: string[];
}

/** The tag of a name, whether it is written or not, is told from the colon of a port. */
function hasTag(name: string): boolean {
  return name.lastIndexOf(':') > name.lastIndexOf('/');
}

/** @throws ERR_BAD_REFERENCE, ERR_USAGE */
export function pushTargets(push: PushOptions, tags: readonly string[]): PushTarget[] {
  const names = push.names ?? tags;
  if (names.length === 0) {
    throw new SlipwayError('ERR_USAGE', 'nothing says where to push to', {
      hint: 'name the image: -t registry.example.com/app:1.0',
    });
  }
  const targets = new Map<string, PushTarget>();
  for (const text of names) {
    const { registry, repository, tag, digest } = parseReference(text);
    if (digest !== undefined) {
      throw new SlipwayError('ERR_USAGE', `${text} can't be pushed: its digest is not known before`, {
        hint: 'leave out the digest; push-by-digest=true pushes without a tag',
      });
    }
    if (push.byDigest && hasTag(text)) {
      throw new SlipwayError('ERR_USAGE', `${text} has a tag, and is to be pushed by its digest`, {
        hint: `leave out the tag: name=${text.slice(0, text.lastIndexOf(':'))},push-by-digest=true`,
      });
    }
    const name = `${registry}/${repository}`;
    const target = targets.get(name) ?? { name, registry, tags: [] };
    if (!push.byDigest && !target.tags.includes(tag!)) target.tags.push(tag!);
    targets.set(name, target);
  }
  return [...targets.values()];
}

export type PushedOutput = OutputSpec & { type: 'image'; push: PushOptions };

/** Outputs that go to registries. */
export function pushedOutputs(request: Pick<BuildRequest, 'outputs'>): PushedOutput[] {
  return request.outputs.filter((output): output is PushedOutput => output.type === 'image' && !!output.push);
}
