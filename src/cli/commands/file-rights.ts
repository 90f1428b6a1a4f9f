// What a bake file from elsewhere may touch of this machine: the current folder, and what --allow names besides.
import { realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { SlipwayError } from '../../errors.ts';
import type { BakeTargetRequest, BuildRequest } from '../../index.ts';
import { isUrl } from './remote-definition.ts';

export interface FileRights {
  read: string[];
  write: string[];
  ssh: boolean;
}

const pattern = /^(fs|fs\.read|fs\.write|ssh)(?:=(.*))?$/;

export const isFileRight = (right: string): boolean => pattern.test(right);

/** Reads `fs=PATH`, `fs.read=PATH`, `fs.write=PATH` and `ssh`; a path of `*` is all. */
export function readFileRights(list: readonly string[], cwd: string): FileRights {
  const rights: FileRights = { read: [realOf(cwd)], write: [realOf(cwd)], ssh: false };
  for (const text of list.flatMap((one) => one.split(','))) {
    const [, kind, value = '*'] = pattern.exec(text) ?? [];
    if (kind === 'ssh') rights.ssh = true;
    const path = value === '*' ? '/' : realOf(resolve(cwd, value));
    if (kind === 'fs' || kind === 'fs.read') rights.read.push(path);
    if (kind === 'fs' || kind === 'fs.write') rights.write.push(path);
  }
  return rights;
}

/** The path less symbolic links, as far as it is there. */
function realOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(realOf(parent), basename(path));
  }
}

/** @param more paths that are read besides those of the request. @throws ERR_NOT_ALLOWED */
export function checkFileRights(
  { name, request, place }: BakeTargetRequest,
  rights: FileRights,
  more: readonly string[],
): void {
  const check = (kind: 'read' | 'write', path: string): void => {
    const real = realOf(resolve(request.cwd, path));
    const isWithin = (folder: string): boolean => real === folder || real.startsWith(join(folder, '/'));
    if (rights[kind].some(isWithin)) return;
    throw new SlipwayError(
      'ERR_NOT_ALLOWED',
      `target ${name} asks to ${kind} ${path}, outside of the current folder`,
      {
        place,
        hint: `--allow fs.${kind}=${path}, if you trust where the bake file comes from`,
      },
    );
  };
  for (const path of [...more, ...readPaths(request)]) check('read', path);
  for (const path of writtenPaths(request)) check('write', path);
  if (request.ssh.length === 0 || rights.ssh) return;
  throw new SlipwayError('ERR_NOT_ALLOWED', `target ${name} asks for ssh, which is not allowed`, {
    place,
    hint: '--allow ssh, if you trust where the bake file comes from',
  });
}

function readPaths(request: BuildRequest): string[] {
  const { context, dockerfile, buildContexts, secrets, cacheFrom = [] } = request;
  const isFolder = !isUrl(context);
  return [
    ...(isFolder ? [context] : []),
    ...(isFolder && dockerfile !== undefined && dockerfile !== '-' && !isUrl(dockerfile) ? [dockerfile] : []),
    ...buildContexts.flatMap(({ value }) => {
      const layout = /^oci-layout:(?:\/\/)?([^@]*)/.exec(value)?.[1];
      if (layout !== undefined) return [layout.replace(/:[^/:]*$/, '')];
      return isUrl(value) || /^[a-z][a-z0-9+.-]*:/.test(value) ? [] : [value];
    }),
    ...secrets.flatMap((secret) => (secret.type === 'file' ? [secret.path] : [])),
    ...cacheFrom.flatMap(({ place }) => (place.type === 'local' ? [place.path] : [])),
  ];
}

function writtenPaths({ outputs, cacheTo = [] }: BuildRequest): string[] {
  return [
    ...outputs.flatMap((output) => ('dest' in output && output.dest !== '-' ? [output.dest] : [])),
    ...cacheTo.flatMap((target) =>
      target.type === 'place' && target.place.type === 'local' ? [target.place.path] : [],
    ),
  ];
}
