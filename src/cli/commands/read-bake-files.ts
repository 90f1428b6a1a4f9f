// Which bake files there are, and what they say.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { SlipwayError, systemCode } from '../../errors.ts';
import type { BakeFile } from '../../index.ts';
import type { Session } from '../session.ts';

/** In the order in which they are merged. */
export const bakeFileNames = [
  'compose.yaml',
  'compose.yml',
  'docker-compose.yml',
  'docker-compose.yaml',
  'docker-bake.json',
  'docker-bake.hcl',
  'docker-bake.override.json',
  'docker-bake.override.hcl',
];

/** @param names of `--file`; empty: those of the usual names that are there. @throws ERR_USAGE */
export async function readBakeFiles(names: readonly string[], session: Session): Promise<BakeFile[]> {
  const files: BakeFile[] = [];
  for (const name of names) {
    files.push(
      name === '-'
        ? { name: 'standard input', text: await readInput(session) }
        : { name, text: readText(name, session) ?? missing(name) },
    );
  }
  if (names.length > 0) return files;
  for (const name of bakeFileNames) {
    const text = readText(name, session);
    if (text !== undefined) files.push({ name, text });
  }
  if (files.length > 0) return files;
  throw new SlipwayError('ERR_USAGE', 'there is no bake file in the current folder', {
    hint: 'add a docker-bake.hcl, or name a file with --file',
  });
}

/** Undefined: there is no such file. */
export function readText(name: string, session: Pick<Session, 'cwd'>): string | undefined {
  try {
    return readFileSync(resolve(session.cwd, name.replace(/^cwd:\/\//, '')), 'utf8');
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT' || systemCode(cause) === 'EISDIR') return undefined;
    throw new SlipwayError('ERR_USAGE', `can't read ${name}: ${systemCode(cause) ?? 'unknown error'}`, {
      cause,
    });
  }
}

function missing(name: string): never {
  throw new SlipwayError('ERR_USAGE', `--file: there is no file ${name}`, {
    hint: /^\w+:\/\//.test(name)
      ? `the address of bake files comes first: slipway bake ${name} [TARGET…]`
      : 'paths start from the current folder',
  });
}

const most = 1 << 24;

async function readInput({ stdin }: Session): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stdin) {
    size += chunk.length;
    if (size > most) throw new SlipwayError('ERR_USAGE', 'the bake file on standard input is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
