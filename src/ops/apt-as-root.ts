// A setting for apt, which gives up root where it downloads: in a user namespace with one id there is nobody that it could become.
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { remembersOwners } from '../fs/owner-mark.ts';
import type { StepMount, Tree } from '../seams.ts';

const folder = '/etc/apt/apt.conf.d';
/** After all that images have there. */
const name = 'zz-slipway';

/** @param scratch a folder of the step's own. */
export function aptAsRoot(root: Tree, uid: number, scratch: string): StepMount[] {
  if (!remembersOwners() || uid !== 0 || root.lstat(folder)?.type !== 'dir') return [];
  const source = join(scratch, name);
  writeFileSync(source, 'APT::Sandbox::User "root";\n');
  chmodSync(source, 0o644);
  return [{ type: 'bind', source, target: `${folder}/${name}`, readonly: true }];
}
