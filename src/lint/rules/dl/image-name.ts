// The parts of an image's name as FROM has it, before anything is looked up.
import type { LintFile, LintStage } from '../../lint-file.ts';

export interface ImageName {
  /** Up to the first slash, where that is a host; undefined for the default registry. */
  registry: string | undefined;
  /** Without the registry. */
  name: string;
  tag: string | undefined;
  digest: string | undefined;
}

export function splitImage(image: string): ImageName {
  const at = image.indexOf('@');
  const digest = at < 0 ? undefined : image.slice(at + 1);
  const bare = at < 0 ? image : image.slice(0, at);
  // A colon within a variable (`${x:-y}`) parts nothing.
  const colon = colonOf(bare);
  const path = colon < 0 ? bare : bare.slice(0, colon);
  const slash = path.indexOf('/');
  const host = slash < 0 ? '' : path.slice(0, slash);
  const isHost = host === 'localhost' || /[.:]/.test(host);
  return {
    registry: isHost ? host : undefined,
    name: isHost ? path.slice(slash + 1) : path,
    tag: colon < 0 ? undefined : bare.slice(colon + 1),
    digest,
  };
}

/** Where the tag's colon stands: behind the last slash, outside of braces. */
function colonOf(text: string): number {
  let depth = 0;
  let found = -1;
  for (let index = 0; index < text.length; index++) {
    const sign = text[index];
    if (sign === '{') depth++;
    else if (sign === '}') depth--;
    else if (depth > 0) continue;
    else if (sign === '/') found = -1;
    else if (sign === ':' && found < 0) found = index;
  }
  return found;
}

/** The image of a stage with its ARGs resolved; undefined where a variable has no value that the file knows. */
export function resolvedBase(file: LintFile, stage: LintStage): string | undefined {
  const { image } = stage.from.instruction;
  if (!image.includes('$')) return image;
  const analysis = file.analysis();
  const found = analysis?.stages[stage.index];
  const base = found && analysis?.bases.get(found);
  if (base === undefined || base.stage !== undefined || base.nameVariables.unset.size > 0) return undefined;
  // An ARG without a default is for whoever builds to fill.
  return base.name === '' ? undefined : base.name;
}
