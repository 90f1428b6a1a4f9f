// Compose files: every service with a build section is a target.
import { SlipwayError } from '../../errors.ts';
import type { ComposeConfig } from '../bake-config.ts';
import { targetName } from '../matrix.ts';
import type { BakeFile } from '../read-bake.ts';
import { mergeAttributes, type Target } from '../target.ts';
import { decodeBuild } from './decode-build.ts';
import { parseDotEnv } from './dot-env.ts';
import { interpolate } from './interpolate.ts';
import { mapOf, textOf } from './node-values.ts';
import { readYaml, type YamlNode } from './yaml-node.ts';

export interface ComposeOptions {
  env: Readonly<Record<string, string | undefined>>;
  /** The text of the file .env. */
  dotEnv: string | undefined;
}

/** What the services of all files share. */
export interface ComposeProject {
  /** Top-level secrets, by name. */
  secrets: Map<string, YamlNode>;
  variable(name: string): string | undefined;
}

/** Compose specification, "Compose Build Specification". @throws ERR_SYNTAX, ERR_EXPANSION, ERR_UNSUPPORTED, each with its place */
export function parseCompose(files: readonly BakeFile[], { env, dotEnv }: ComposeOptions): ComposeConfig {
  const fromFile = parseDotEnv(dotEnv ?? '', env);
  const variable = (name: string): string | undefined =>
    (Object.hasOwn(env, name) ? env[name] : undefined) ?? fromFile.get(name);
  const documents = files.map(({ name, text }) =>
    mapOf(
      readYaml(text, name, (one) => interpolate(one, variable)),
      'a Compose file',
    ),
  );
  const project: ComposeProject = { secrets: new Map(), variable };
  for (const document of documents) {
    const include = document.get('include');
    if (include) {
      throw new SlipwayError('ERR_UNSUPPORTED', 'include is not supported', {
        place: include.place,
        hint: 'name both files: slipway bake -f compose.yaml -f other.yaml',
      });
    }
    for (const [name, node] of section(document, 'secrets')) project.secrets.set(name, node);
  }
  const targets = new Map<string, Target>();
  for (const document of documents) {
    for (const [service, node] of section(document, 'services')) {
      const target = readService(service, node, project);
      if (!target) continue;
      const before = targets.get(target.name);
      targets.set(
        target.name,
        before ? { ...target, attributes: mergeAttributes(before.attributes, target.attributes) } : target,
      );
    }
  }
  const place = documents[0]?.get('services')?.place;
  return {
    targets: [...targets.values()],
    groups: [{ name: 'default', description: undefined, targets: [...targets.keys()], place }],
  };
}

function section(document: ReadonlyMap<string, YamlNode>, name: string): Map<string, YamlNode> {
  const node = document.get(name);
  return node === undefined || node.value === null ? new Map() : mapOf(node, name);
}

function readService(service: string, node: YamlNode, project: ComposeProject): Target | undefined {
  if (node.value === null) return undefined;
  const map = mapOf(node, `the service ${service}`);
  const build = map.get('build');
  const extended = map.get('extends');
  if (extended) {
    throw new SlipwayError('ERR_UNSUPPORTED', 'extends is not supported', {
      place: extended.place,
      hint: 'write the build section out, or share it with a YAML anchor',
    });
  }
  if (!build || build.value === null) return undefined;
  const name = service.replaceAll('.', '_');
  if (!targetName.test(name))
    throw new SlipwayError('ERR_SYNTAX', `${JSON.stringify(service)} is no name of a target`, {
      place: node.place,
      hint: 'letters, digits, -, _ and . are allowed',
    });
  const image = map.get('image');
  const attributes = decodeBuild(build, { project, environment: map.get('environment') });
  if (!attributes.has('tags') && image)
    attributes.set('tags', { content: [textOf(image, 'image')], place: image.place });
  return { name, attributes, inherits: [], place: build.place };
}
