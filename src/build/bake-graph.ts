// Puts the graphs of a bake's targets into one: equal work of different targets becomes one vertex, and what only looks equal does not.
import { resolve } from 'node:path';
import type { BuildRequest } from '../build-request.ts';
import type { StageState } from '../graph/stage-state.ts';
import type { Vertex } from '../graph/vertex.ts';
import { type Digest, digestOfJson } from '../oci/digest.ts';
import type { OpEnvironment } from '../ops/environment.ts';
import type { BuildDefinition } from './definition.ts';
import { targetLabel } from './target-events.ts';

export interface BakeGraph {
  /** The same state with vertices that mean the same in every target; their work is done as `owner` says. */
  add(state: StageState, owner: GraphOwner): StageState;
  owner(vertex: Vertex): GraphOwner;
}

/** A target: what its steps see besides their inputs. */
export interface GraphOwner {
  name: string;
  request: BuildRequest;
  definition: BuildDefinition;
  environment: OpEnvironment;
}

export function createBakeGraph(): BakeGraph {
  const owners = new Map<Digest, GraphOwner>();
  const known = new Map<Digest, Vertex>();

  function add(state: StageState, owner: GraphOwner): StageState {
    const own = new Map<Vertex, Vertex>();

    const share = (vertex: Vertex): Vertex => {
      // Of a target that this one is linked to: shared already.
      if (known.get(vertex.id) === vertex) return vertex;
      const before = own.get(vertex);
      if (before) return before;
      const inputs = vertex.inputs.map((input) => input && share(input));
      const id = digestOfJson([
        vertex.op,
        inputs.map((input) => input?.id ?? null),
        vertex.ignoreCache,
        owner.request.cacheTTL ?? null,
        surroundings(vertex, owner),
      ]);
      const shared = known.get(id) ?? { ...vertex, id, inputs, name: targetLabel(owner.name, vertex.name) };
      if (!known.has(id)) {
        known.set(id, shared);
        owners.set(id, owner);
      }
      own.set(vertex, shared);
      return shared;
    };

    return {
      ...state,
      vertex: state.vertex && share(state.vertex),
      history: state.history.map(({ entry, vertex }) => ({ entry, vertex: vertex && share(vertex) })),
    };
  }

  return {
    add,
    owner(vertex) {
      const found = owners.get(vertex.id);
      if (found) return found;
      throw new Error(`internal error: ${vertex.name} belongs to no target`);
    },
  };
}

/** What a vertex's work depends on and its op does not say: the files that a context is, and how its target's steps run. */
function surroundings({ op }: Vertex, { request, definition }: GraphOwner): unknown {
  if (op.type === 'context') {
    const policy = request.sourcePolicy?.text;
    if (op.name === '') {
      const keepGitDir = request.buildArgs['BUILDKIT_CONTEXT_KEEP_GIT_DIR'];
      return [resolve(request.cwd, request.context), request.context, definition.ignore, keepGitDir, policy];
    }
    return request.buildContexts
      .filter(({ name }) => name === op.name)
      .map(({ value }) => [resolve(request.cwd, value), value, policy]);
  }
  if (op.type !== 'exec') return undefined;
  const ids = new Set(op.mounts.flatMap((mount) => ('id' in mount ? [mount.id] : [])));
  return [
    request.buildArgs['BUILDKIT_SANDBOX_HOSTNAME'],
    request.addHosts,
    request.shmSize,
    request.ulimits,
    request.resources,
    request.cgroupParent,
    request.secrets.filter(({ id }) => ids.has(id)),
    request.ssh.filter(({ id }) => ids.has(id)),
  ];
}
