// The steps of a build as provenance lists them (BuildKit's slsa-definitions.md): ids, inputs, and ops in LLB's shape.
import type { ExecMount, ExecOp, Vertex, VertexOp } from '../graph/vertex.ts';
import type { Platform } from '../oci/platform.ts';
import { baseName } from '../tree/path.ts';
import { publicAddress } from './public-address.ts';

export interface BuildStep {
  /** `step0`. */
  id: string;
  name: string;
  digest: string;
  op: object;
  /** `step0:0`. */
  inputs?: string[];
}

/** Every vertex that the target needs, inputs first. */
export function verticesOf(target: Vertex | undefined): Vertex[] {
  const all = new Map<string, Vertex>();
  const seen = new Set<string>();
  const todo: { vertex: Vertex; leaving: boolean }[] = target ? [{ vertex: target, leaving: false }] : [];
  // No recursion: a graph may be as deep as a Dockerfile is long.
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    const { vertex, leaving } = next;
    if (leaving) all.set(vertex.id, vertex);
    if (leaving || seen.has(vertex.id)) continue;
    seen.add(vertex.id);
    todo.push({ vertex, leaving: true });
    for (const input of vertex.inputs.toReversed()) if (input) todo.push({ vertex: input, leaving: false });
  }
  return [...all.values()];
}

/** @param contextSource what a context is called: `local://context`, a URL without its login. */
export function buildSteps(
  vertices: readonly Vertex[],
  contextSource: (name: string) => string,
): BuildStep[] {
  const ids = new Map(vertices.map(({ id }, index) => [id, `step${index}`]));
  return vertices.map((vertex, index) => {
    const inputs = vertex.inputs.flatMap((input) => (input ? `${ids.get(input.id)}:0` : []));
    return {
      id: `step${index}`,
      name: stepName(vertex),
      digest: vertex.id,
      op: describeOp(vertex, contextSource),
      ...(inputs.length > 0 ? { inputs } : {}),
    };
  });
}

/** Where a layout lies on this machine says nothing. */
function stepName({ name, op }: Vertex): string {
  if (op.type !== 'image' || op.origin.kind !== 'oci-layout') return name;
  return name.replace(op.origin.reference, baseName(`/${op.origin.reference}`));
}

/** Positions among the inputs that there are; -1 is an empty root, as in LLB. */
function positions(vertex: Vertex): (input: number | undefined) => number {
  let next = 0;
  const list = vertex.inputs.map((input) => (input ? next++ : -1));
  return (input) => (input === undefined ? -1 : (list[input] ?? -1));
}

function describeOp(vertex: Vertex, contextSource: (name: string) => string): object {
  const { op } = vertex;
  const at = positions(vertex);
  switch (op.type) {
    case 'exec':
      return { Op: { exec: describeExec(op, at) }, platform: platformOf(op.platform) };
    case 'mkdir':
      return { Op: { file: { actions: [{ Action: { mkdir: { path: op.path, mode: 0o755 } } }] } } };
    case 'copy': {
      const { chown, chmod, link, parents, excludes, unpack } = op;
      const actions = op.sources.map((source) => {
        const from =
          source.type === 'path'
            ? { secondaryInput: at(source.input), src: source.path }
            : { src: source.name, inline: true };
        const how = {
          ...{ chown, chmod },
          ...(link ? { link } : {}),
          ...(parents ? { parents } : {}),
          ...(unpack ? { unpack } : {}),
          ...(excludes.length > 0 ? { excludes } : {}),
        };
        return { input: at(0), Action: { copy: { ...from, dest: op.destination, ...how } } };
      });
      return { Op: { file: { actions } } };
    }
    default:
      return describeSource(op, contextSource);
  }
}

function describeSource(
  op: Exclude<VertexOp, { type: 'exec' | 'copy' | 'mkdir' }>,
  contextSource: (name: string) => string,
): object {
  const source = (identifier: string, attrs?: Record<string, string | undefined>): object => ({
    source: { identifier, ...(attrs ? { attrs } : {}) },
  });
  switch (op.type) {
    case 'image': {
      const { kind, reference } = op.origin;
      const name =
        kind === 'registry' ? `docker-image://${reference}` : `oci-layout://${baseName(`/${reference}`)}`;
      return { Op: source(name), platform: platformOf(op.platform) };
    }
    case 'context':
      return { Op: source(contextSource(op.name)) };
    case 'http':
      return { Op: source(publicAddress(op.url), { 'http.checksum': op.checksum }) };
    case 'git': {
      const fragment = [op.ref ?? '', op.subdir].filter(Boolean).join(':');
      const identifier = publicAddress(op.remote) + (fragment === '' ? '' : `#${fragment}`);
      return { Op: source(identifier, { 'git.checksum': op.checksum }) };
    }
  }
}

/** Neither a secret's value nor the proxies, whose addresses may hold a login, are part of it. */
function describeExec(op: ExecOp, at: (input: number | undefined) => number): object {
  return {
    meta: {
      args: op.argv,
      env: op.env.map(([name, value]) => `${name}=${value}`),
      cwd: op.cwd,
      ...(op.user === '' ? {} : { user: op.user }),
    },
    mounts: [{ input: at(0), dest: '/' }, ...op.mounts.map((mount) => describeMount(mount, at))],
    ...(op.network === 'default' ? {} : { network: op.network }),
    ...(op.security === 'sandbox' ? {} : { security: op.security }),
  };
}

function describeMount(mount: ExecMount, at: (input: number | undefined) => number): object {
  const { target: dest } = mount;
  switch (mount.type) {
    case 'bind':
      return { input: at(mount.input), selector: mount.source, dest, readonly: mount.readOnly };
    case 'cache':
      return { mountType: 'cache', dest, cacheOpt: { ID: mount.id, sharing: mount.sharing } };
    case 'tmpfs':
      return { mountType: 'tmpfs', dest };
    case 'secret':
      return { mountType: 'secret', dest, secretOpt: { ID: mount.id, optional: !mount.required } };
    case 'ssh':
      return { mountType: 'ssh', dest, SSHOpt: { ID: mount.id, optional: !mount.required } };
  }
}

function platformOf({ architecture, os, variant }: Platform): object {
  return { Architecture: architecture, OS: os, Variant: variant };
}
