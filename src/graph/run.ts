// RUN: the process, what it sees and what is mounted for it.
import type { RunInstruction } from '../dockerfile/instruction.ts';
import { type MountSpec, parseMount } from '../dockerfile/mount.ts';
import { type Place, SlipwayError } from '../errors.ts';
import type { Platform } from '../oci/platform.ts';
import { commandArgs } from './metadata.ts';
import type { StageState } from './stage-state.ts';
import type { ExecMount, ExecOp, Vertex } from './vertex.ts';

export interface RunOptions {
  place: Place;
  expand(text: string): string;
  /** The vertex that --mount=from names; undefined for an empty root. */
  source(from: string): Vertex | undefined;
  context(): Vertex | undefined;
  network: 'default' | 'host' | 'none';
  allow: readonly string[];
  proxy: [string, string][];
  /** BUILDKIT_CACHE_MOUNT_NS: goes in front of cache ids. */
  cacheNamespace: string;
}

/** A lone `<<EOF`: its body is the script. */
const loneHeredoc = /^\d*<<-?\s*[^<\s]+$/;

/** The process of a RUN, heredocs put where the shell or the kernel finds them. */
function command(state: StageState, instruction: RunInstruction): Pick<ExecOp, 'argv' | 'script'> {
  const { heredocs } = instruction;
  const first = heredocs[0];
  if (!first || instruction.command.form === 'exec')
    return { argv: commandArgs(instruction.command, state.config), script: undefined };
  const { line } = instruction.command;
  if (loneHeredoc.test(line.trim())) {
    if (first.body.startsWith('#!')) {
      return { argv: [`/dev/pipes/${first.name}`], script: { name: first.name, data: first.body } };
    }
    return { argv: commandArgs({ form: 'shell', line: first.body }, state.config), script: undefined };
  }
  const full = heredocs.reduce((text, heredoc) => `${text}\n${heredoc.body}${heredoc.name}`, line);
  return { argv: commandArgs({ form: 'shell', line: full }, state.config), script: undefined };
}

/** As the history names it; of a program of its own BuildKit's says that the shell starts it. */
function describe(state: StageState, { argv, script }: Pick<ExecOp, 'argv' | 'script'>): string {
  const said = script ? commandArgs({ form: 'shell', line: argv.join(' ') }, state.config) : argv;
  const args = new Map(
    state.declared.map(({ name, value }) => [name, `${name}=${state.env.get(name) ?? value ?? ''}`]),
  );
  const declared = args.size > 0 ? [`|${args.size}`, ...args.values()] : [];
  return `RUN ${[...declared, ...said].join(' ')} # buildkit`;
}

function execMount(spec: MountSpec, options: RunOptions, inputs: (Vertex | undefined)[]): ExecMount {
  const add = (vertex: Vertex | undefined): number | undefined =>
    vertex ? inputs.push(vertex) - 1 : undefined;
  switch (spec.type) {
    case 'bind': {
      const input = add(spec.from === undefined ? options.context() : options.source(spec.from));
      return { type: 'bind', target: spec.target, source: spec.source, input, readOnly: spec.readOnly };
    }
    case 'cache': {
      if (spec.from === undefined && spec.source !== '/') {
        throw new SlipwayError('ERR_SYNTAX', `cache mount: source=${spec.source} needs from=`, {
          place: options.place,
          hint: 'name the stage or image that holds what the cache begins with',
        });
      }
      const { from, ...rest } = spec;
      return {
        ...rest,
        id: options.cacheNamespace + spec.id,
        input: add(from === undefined ? undefined : options.source(from)),
      };
    }
    case 'tmpfs':
    case 'secret':
    case 'ssh':
      return spec;
  }
}

/** An image for another system can be put together, its programs can't be run. */
function checkSystem({ os }: Platform, place: Place): void {
  if (os === 'linux') return;
  throw new SlipwayError('ERR_UNSUPPORTED', `RUN in an image for ${os} is not supported`, {
    place,
    hint: 'make the files in a stage of FROM --platform=$BUILDPLATFORM, and COPY them from there',
  });
}

export function runVertex(
  state: StageState,
  instruction: RunInstruction,
  options: RunOptions,
): { parts: Omit<Vertex, 'id' | 'name' | 'ignoreCache'>; createdBy: string } {
  const { place, allow } = options;
  // `--network=default` on a RUN is no choice of its own: the build's flag holds.
  const own = instruction.network === 'default' ? undefined : instruction.network;
  const network = (own ?? options.network) as ExecOp['network'];
  const security = (instruction.security ?? 'sandbox') as ExecOp['security'];
  const denied =
    security === 'insecure' && !allow.includes('security.insecure')
      ? 'security.insecure'
      : instruction.network === 'host' && options.network !== 'host' && !allow.includes('network.host')
        ? 'network.host'
        : undefined;
  if (denied) {
    throw new SlipwayError('ERR_NOT_ALLOWED', `this step asks for ${denied}, which is not allowed`, {
      place,
      hint: `add --allow ${denied} to the build's flags if you trust this Dockerfile`,
    });
  }
  checkSystem(state.platform, place);
  const inputs: (Vertex | undefined)[] = [state.vertex];
  const specs = instruction.mounts.map((text) => parseMount(text, options.expand));
  const mounts = specs.map((spec) => execMount(spec, options, inputs));
  const { argv, script } = command(state, instruction);
  const op: ExecOp = {
    type: 'exec',
    argv,
    env: state.env.entries(),
    proxyEnv: options.proxy.filter(([name]) => state.env.get(name) === undefined),
    cwd: state.config.WorkingDir || '/',
    user: state.config.User ?? '',
    mounts,
    network,
    security,
    script,
    platform: state.platform,
  };
  return { parts: { op, inputs, place }, createdBy: describe(state, op) };
}
