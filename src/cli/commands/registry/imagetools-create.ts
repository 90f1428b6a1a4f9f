// `slipway imagetools create`: an index of images of registries, pushed under names of registries.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { SlipwayError, systemCode } from '../../../errors.ts';
import {
  type Annotation,
  type CombineSource,
  type EntryAnnotation,
  localPlatform,
  parsePlatform,
  parseReference,
} from '../../../index.ts';
import { type Flag, parseArguments } from '../../arguments.ts';
import type { Command, Session } from '../../session.ts';
import { clearResultFile, writeResultFile } from '../../write-result-file.ts';
import { parseAnnotation } from '../annotation.ts';
import { toJson } from '../answer-call.ts';
import { flagGroups as groups } from '../flag-groups.ts';
import { commonFlags, openEngine, progressFlags, withProgress } from './shared.ts';

const own = [
  { name: 'tag', short: 't', type: 'list', value: 'NAME', group: groups.input, help: 'where it is pushed' },
  {
    name: 'file',
    short: 'f',
    type: 'list',
    value: 'PATH',
    group: groups.input,
    help: 'a source in a file: a reference, a digest, or a descriptor as JSON',
  },
  { name: 'append', type: 'boolean', group: groups.input, help: 'add to what the first --tag stands for' },
  {
    name: 'annotation',
    type: 'list',
    value: 'TYPE:KEY=VALUE',
    group: groups.input,
    help: 'index:KEY=VALUE, or manifest-descriptor[OS/ARCH]:KEY=VALUE',
  },
  {
    name: 'platform',
    short: 'p',
    type: 'list',
    value: 'OS/ARCH',
    group: groups.input,
    help: 'only the images for these platforms, of those that the sources have',
  },
  {
    name: 'prefer-index',
    type: 'boolean',
    group: groups.input,
    help: 'make an index of one image, too (default: true); =false pushes it as it is',
  },
  { name: 'dry-run', type: 'boolean', group: groups.report, help: 'print the index, and push nothing' },
  {
    name: 'metadata-file',
    type: 'text',
    value: 'PATH',
    group: groups.report,
    help: 'write descriptor and names to this file, as JSON',
  },
] as const satisfies readonly Flag[];
const flags = [...own, ...progressFlags, ...commonFlags] as const;

export const command: Command = {
  name: 'imagetools create',
  usage: 'slipway imagetools create [flags] [SOURCE…]',
  description:
    'Makes an index of images of registries and pushes it. A SOURCE is a reference, a descriptor as JSON, or a digest, which is ' +
    'in the only repository that is named. What the repository of a tag lacks is copied. One index alone is pushed as it is.',
  flags,
  examples: [
    {
      does: 'What the jobs of a CI matrix have pushed',
      command: 'slipway imagetools create -t registry.example.com/app:1.0 sha256:… sha256:…',
    },
    {
      does: 'One platform more',
      command:
        'slipway imagetools create --append -t registry.example.com/app:1.0 registry.example.com/app:arm64',
    },
  ],
  notes: [{ heading: 'Output', lines: ['NAME@DIGEST of each tag, on standard output.'] }],
  run: runCreate,
};

async function runCreate(argv: readonly string[], session: Session): Promise<void> {
  const given = parseArguments(flags, argv, 'slipway imagetools create');
  const { lists, booleans, texts } = given;
  const tags = lists.tag ?? [];
  const dryRun = booleans['dry-run'] ?? false;
  if (!dryRun && tags.length === 0) throw usage('there is no name to push to', '-t NAME, or --dry-run');
  if (booleans.append && tags.length === 0) throw usage('--append needs a name to add to', '-t NAME');
  const words = [...(lists.file ?? []).map((path) => readSource(path, session)), ...given.positionals];
  if (words.length === 0) throw usage('there are no sources', command.usage);
  const sources = readSources([...(booleans.append ? [tags[0]!] : []), ...words], tags);
  const annotations = (lists.annotation ?? []).flatMap(parseAnnotation).map(ofEntry);
  const file = texts['metadata-file'] ? resolve(session.cwd, texts['metadata-file']) : undefined;
  if (file !== undefined) await clearResultFile(file, '--metadata-file');
  const engine = await openEngine(given, session, tags[0]);
  const local = localPlatform(process);
  const platforms = (lists.platform ?? [])
    .flatMap((text) => text.split(','))
    .map((text) => parsePlatform(text, local));
  const preferIndex = booleans['prefer-index'] ?? true;
  const request = { sources, tags, annotations, platforms, preferIndex, dryRun };
  const made = await withProgress(given, session, (onEvent) =>
    engine.registries.combine(request, { signal: session.signal, onEvent }),
  );
  if (file !== undefined) {
    const name = made.names.join(',');
    const { descriptor } = made;
    await writeResultFile(
      file,
      toJson({
        'containerimage.descriptor': descriptor,
        'containerimage.digest': descriptor.digest,
        ...(name === '' ? {} : { 'image.name': name }),
      }),
    );
  }
  if (dryRun) session.stdout.write(`${made.bytes.toString('utf8').trimEnd()}\n`);
  else for (const name of made.names) session.stdout.write(`${name}@${made.descriptor.digest}\n`);
}

/** @throws ERR_USAGE for those of the images themselves */
function ofEntry({ type, ...rest }: Annotation): EntryAnnotation {
  if (type === 'index' || type === 'manifest-descriptor') return { type, ...rest };
  throw usage(
    `--annotation: the ${type} can't be annotated: images stay as they are`,
    `index:${rest.key}=${rest.value}, or manifest-descriptor:${rest.key}=${rest.value}`,
  );
}

function readSource(path: string, session: Session): string {
  try {
    return readFileSync(resolve(session.cwd, path), 'utf8').trim();
  } catch (cause) {
    throw new SlipwayError(
      'ERR_USAGE',
      `--file: can't read ${path}: ${systemCode(cause) ?? 'unknown error'}`,
      {
        hint: 'paths start from the current folder',
        cause,
      },
    );
  }
}

/** Digests and descriptors are in the one repository that tags and other sources name. */
function readSources(words: readonly string[], tags: readonly string[]): CombineSource[] {
  const read = words.map((word) => ({ word, ...readWord(word) }));
  const named = [...tags, ...read.flatMap(({ reference }) => reference ?? [])].map((text) => {
    const { registry, repository } = parseReference(text);
    return `${registry}/${repository}`;
  });
  const repositories = [...new Set(named)];
  return read.map(({ word, reference, digest, entry }) => {
    if (reference !== undefined) return { reference };
    if (repositories.length === 1)
      return { reference: `${repositories[0]}@${digest}`, ...(entry ? { entry } : {}) };
    throw usage(
      repositories.length === 0
        ? `no repository is named for ${word}`
        : `it is not clear which repository has ${word}`,
      'write the source as REPOSITORY@DIGEST',
    );
  });
}

function readWord(word: string): { reference?: string; digest?: string; entry?: CombineSource['entry'] } {
  if (/^sha256:/.test(word)) return { digest: word };
  if (!word.startsWith('{')) return { reference: word };
  let value: { digest?: unknown; platform?: unknown; annotations?: unknown };
  try {
    value = JSON.parse(word) as typeof value;
  } catch (cause) {
    throw new SlipwayError('ERR_USAGE', 'a source is neither a reference nor a descriptor as JSON', {
      hint: '{"digest": "sha256:…", "platform": {"os": "linux", "architecture": "arm64"}}',
      cause,
    });
  }
  const { digest, platform, annotations } = value;
  if (typeof digest !== 'string') throw usage('a descriptor has no digest', '{"digest": "sha256:…"}');
  const entry: CombineSource['entry'] = {};
  if (isTexts(platform) && platform['os'] && platform['architecture']) {
    const { os, architecture, variant } = platform;
    entry.platform = parsePlatform(
      [os, architecture, variant].filter(Boolean).join('/'),
      localPlatform(process),
    );
  }
  if (isTexts(annotations)) entry.annotations = annotations;
  return { digest, entry };
}

function isTexts(value: unknown): value is Record<string, string> {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.values(value).every((one) => typeof one === 'string')
  );
}

function usage(message: string, hint: string): SlipwayError {
  return new SlipwayError('ERR_USAGE', message, { hint });
}
