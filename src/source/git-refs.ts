// Which branch or tag a short name means, by what `git ls-remote --symref` says. Branches go before tags, as in git checkout.

/** A whole commit: sha1 or sha256. */
export function isCommit(ref: string | undefined): ref is string {
  return ref !== undefined && /^([0-9a-f]{40}|[0-9a-f]{64})$/i.test(ref);
}

/** A full name, as a server gives it: nothing that git could take for an option, a pattern or two refs. */
function isRefName(name: string): boolean {
  return /^refs\/[^\0- \x7f~^:?*[\\]+$/.test(name) && !/\.\.|@\{|\/\/|\/[.-]|[/.]$/.test(name);
}

/** @param ref undefined: the default branch. `tag` is the object of an annotated tag, `commit` what it stands for. */
export function chooseRef(
  listing: string,
  ref: string | undefined,
): { ref: string; commit: string; tag: string | undefined } | undefined {
  const refs = new Map<string, string>();
  let head: string | undefined;
  for (const line of listing.split('\n')) {
    const [left = '', name = ''] = line.split('\t');
    if (left.startsWith('ref: ') && name === 'HEAD' && isRefName(left.slice(5))) head = left.slice(5);
    else if (isCommit(left)) refs.set(name, left);
  }
  if (ref === undefined || ref === 'HEAD') {
    const commit = refs.get('HEAD');
    return commit === undefined ? undefined : { ref: head ?? 'HEAD', commit, tag: undefined };
  }
  const names = [
    `refs/${ref.replace(/^refs\//, '')}`,
    `refs/heads/${ref.replace(/^refs\/heads\//, '')}`,
    `refs/tags/${ref.replace(/^refs\/tags\//, '')}`,
  ];
  for (const name of names) {
    const object = refs.get(name);
    if (object === undefined) continue;
    const peeled = refs.get(`${name}^{}`);
    return { ref: name, commit: peeled ?? object, tag: peeled === undefined ? undefined : object };
  }
  return undefined;
}
