// What `--print` shows: groups and targets as JSON, in the form that is a bake file itself.
import { join } from 'node:path/posix';
import { cwdPath, isCwd, type RemoteDefinition } from './remote-definition.ts';
import type { ResolvedBake, ResolvedTarget } from './resolve-targets.ts';
import { type AttributeContent, type AttributeName, attributeNames } from './target.ts';

/** Values in which `${` must be escaped, for the text to be read as it is meant. */
const templates: readonly AttributeName[] = [
  'annotations',
  'dockerfile-inline',
  'labels',
  'args',
  'extra-hosts',
];

/** Whether docker's bake prints a number. */
const isNumber = (name: AttributeName, key: string): boolean =>
  name === 'resources' && ['cpu-shares', 'cpu-period', 'cpu-quota'].includes(key);

/** What is there where it is on, and then as a boolean. */
const isSwitch = (name: AttributeName, key: string): boolean => name === 'attest' && key === 'disabled';

const byName = <T extends { name: string }>(list: readonly T[]): T[] =>
  [...list].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));

/** Ended with a line end. */
export function printBake(
  { targets, groups }: ResolvedBake,
  remote?: Pick<RemoteDefinition, 'url'> | undefined,
): string {
  const document = {
    group: Object.fromEntries(
      byName(groups).map(({ name, description, targets: members }) => [
        name,
        { ...(description ? { description } : {}), targets: members },
      ]),
    ),
    target: Object.fromEntries(
      byName(targets).map((target) => [target.name, targetJson(target, remote?.url)]),
    ),
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

function targetJson({ attributes }: ResolvedTarget, url: string | undefined): Record<string, unknown> {
  const present = attributeNames.flatMap((name) => {
    const given = attributes.get(name)?.content;
    const content = name === 'context' ? contextText(given as string, url) : given;
    return content === undefined || (content === '' && name === 'description')
      ? []
      : [[name, contentJson(name, content)] as const];
  });
  return Object.fromEntries(present);
}

/** Where the current folder is meant, `.` says so; in a definition from elsewhere that is its URL. */
function contextText(context: string, url: string | undefined): string {
  if (isCwd(context)) return join(cwdPath(context));
  return url !== undefined && join(context) === '.' ? url : context;
}

function contentJson(name: AttributeName, content: AttributeContent): unknown {
  const plain = (text: string): string =>
    templates.includes(name) ? text.replace(/[$%]\{/g, (opening) => opening[0] + opening) : text;
  if (typeof content === 'string') return plain(content);
  if (content instanceof Map)
    return Object.fromEntries(
      [...content]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, value]) => [
          key,
          value === null ? null : isNumber(name, key) ? Number(value) : plain(value),
        ]),
    );
  if (!Array.isArray(content)) return content;
  return content.map((one) => {
    if (typeof one === 'string') return plain(one);
    return Object.fromEntries(
      [...one]
        .filter(([key, value]) => !isSwitch(name, key) || value === 'true')
        .map(([key, value]) => [
          key,
          isSwitch(name, key) || (name === 'ssh' && key === 'paths' ? value.split(',') : value),
        ]),
    );
  });
}
