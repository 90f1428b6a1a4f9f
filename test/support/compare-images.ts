// Two images side by side: what a container would see of each, as far as it differs.
import { createHash } from 'node:crypto';
import type { ImageFile, OciImage } from './oci-image.ts';

/** A file as a text for each of its properties. */
export type FileView = Record<string, string>;

export interface ImageView {
  files: Map<string, FileView>;
  config: Record<string, unknown>;
}

/** What of the config a container sees. */
const configKeys = [
  ...['Env', 'Cmd', 'Entrypoint', 'User', 'WorkingDir', 'Labels', 'ExposedPorts', 'Volumes', 'StopSignal'],
  ...['Shell', 'OnBuild', 'Healthcheck'],
];

function fileView(path: string, file: ImageFile, names: readonly string[], since: number): FileView {
  const seconds = Math.floor(file.mtime.getTime() / 1000);
  const view: FileView = {
    type: file.type,
    mode: (file.mode & 0o7777).toString(8),
    owner: `${file.uid}:${file.gid}`,
    // Builds of one test take seconds, at other moments.
    time: seconds >= since ? 'of the build' : String(seconds),
  };
  if (file.type === 'file') {
    view['content'] =
      `${file.content.length} ${createHash('sha256').update(file.content).digest('hex').slice(0, 12)}`;
  }
  if (file.type === 'symlink') view['target'] = file.link;
  const others = names.filter((name) => name !== path);
  if (others.length > 0) view['same as'] = others.join(' ');
  for (const [key, value] of Object.entries(file.pax)) {
    if (key.startsWith('SCHILY.xattr.')) view[key.slice(13)] = Buffer.from(value).toString('hex');
  }
  return view;
}

/** @param since seconds since 1970: what is as young was made by the build. */
export function viewImage(image: OciImage, since: number): ImageView {
  const names = new Map<ImageFile, string[]>();
  for (const [path, file] of image.files) names.set(file, [...(names.get(file) ?? []), path]);
  const files = new Map<string, FileView>();
  for (const [path, file] of image.files) {
    files.set(path, fileView(path, file, names.get(file)!.sort(), since));
  }
  const { config } = image.config;
  return { files, config: Object.fromEntries(configKeys.map((key) => [key, config[key]])) };
}

/** JSON with sorted keys; what is empty is as good as absent. */
function canonical(value: unknown): string {
  const isEmpty = value === undefined || value === null || Object.keys(value as object).length === 0;
  if (isEmpty) return typeof value === 'string' && value !== '' ? JSON.stringify(value) : 'none';
  return JSON.stringify(value, (_, inner) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

export interface Difference {
  /** A path of a file, or `config`. */
  at: string;
  /** What differs: `mode`, `time`, `there` where one has no such file; a field of the config. */
  what: string;
  left: string;
  right: string;
}

/** All that a container could tell apart, files first. */
export function compareImages(left: ImageView, right: ImageView): Difference[] {
  const found: Difference[] = [];
  const tell = (at: string, what: string, one: string, other: string): void => {
    if (one !== other) found.push({ at, what, left: one, right: other });
  };
  for (const at of [...new Set([...left.files.keys(), ...right.files.keys()])].sort()) {
    const one = left.files.get(at);
    const other = right.files.get(at);
    tell(at, 'there', String(one !== undefined), String(other !== undefined));
    if (!one || !other) continue;
    for (const what of new Set([...Object.keys(one), ...Object.keys(other)])) {
      tell(at, what, one[what] ?? 'none', other[what] ?? 'none');
    }
  }
  for (const what of new Set([...Object.keys(left.config), ...Object.keys(right.config)])) {
    tell('config', what, canonical(left.config[what]), canonical(right.config[what]));
  }
  return found;
}
