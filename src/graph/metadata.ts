// The instructions that change the image config and nothing else.
import { formatDuration } from '../dockerfile/duration.ts';
import { parsePort } from '../dockerfile/expose.ts';
import type { Command, HealthcheckInstruction, Instruction } from '../dockerfile/instruction.ts';
import { parseSignal } from '../dockerfile/signal.ts';
import { SlipwayError } from '../errors.ts';
import type { ContainerConfig, Healthcheck } from '../oci/config.ts';
import { Env } from './env.ts';
import { goQuote, goQuoteRune } from './go-quote.ts';
import { commit, type InstructionContext, type StageState } from './stage-state.ts';

const defaultShell = ['/bin/sh', '-c'];

/** The words of a process: the shell's in front of a shell form. */
export function commandArgs(command: Command, config: ContainerConfig): string[] {
  return command.form === 'exec' ? command.argv : [...(config.Shell ?? defaultShell), command.line];
}

const quoted = (words: readonly string[]): string => `[${words.map(goQuote).join(' ')}]`;

function healthcheck(instruction: HealthcheckInstruction): Healthcheck {
  const { command } = instruction;
  if (!command) return { Test: ['NONE'] };
  const test = command.form === 'exec' ? ['CMD', ...command.argv] : ['CMD-SHELL', command.line];
  const check: Healthcheck = { Test: test };
  if (instruction.interval) check.Interval = instruction.interval;
  if (instruction.timeout) check.Timeout = instruction.timeout;
  if (instruction.startPeriod) check.StartPeriod = instruction.startPeriod;
  if (instruction.startInterval) check.StartInterval = instruction.startInterval;
  if (instruction.retries) check.Retries = instruction.retries;
  return check;
}

/** As BuildKit's history has it: Go's way to print the structure. */
function printedHealthcheck(check: Healthcheck): string {
  const durations = [check.Interval, check.Timeout, check.StartPeriod, check.StartInterval];
  const words = durations.map((duration = 0) => goQuote(formatDuration(duration)));
  return `&{${[quoted(check.Test ?? []), ...words, goQuoteRune(check.Retries ?? 0)].join(' ')}}`;
}

/** In place: a copy for each of many instructions would take a time that grows with their square. */
function put<T>(object: Record<string, T>, key: string, value: T): void {
  // No plain assignment: `__proto__` is a name like any other.
  Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true });
}

/** Where the names of an Env list stand in it. */
const positions = new WeakMap<string[], Map<string, number>>();

function setVariable(config: ContainerConfig, name: string, value: string): void {
  let known = config.Env && positions.get(config.Env);
  if (!config.Env || !known) {
    const env = Env.parse(config.Env ?? []);
    config.Env = env.format();
    known = new Map(env.entries().map(([each], index) => [each, index]));
    positions.set(config.Env, known);
  }
  const at = known.get(name) ?? config.Env.length;
  known.set(name, at);
  config.Env[at] = `${name}=${value}`;
}

/** Applies an instruction that makes no vertex; those that do, FROM, ARG and WORKDIR are left alone. */
export function applyMetadata(
  state: StageState,
  instruction: Instruction,
  context: InstructionContext,
): void {
  const { config } = state;
  const { expand, place } = context;
  switch (instruction.keyword) {
    case 'ENV': {
      const pairs = instruction.pairs.map(({ key, value }) => [expand(key), expand(value)] as const);
      for (const [key, value] of pairs) {
        if (key === '') {
          throw new SlipwayError('ERR_SYNTAX', 'ENV names can not be blank', {
            place,
            hint: 'write ENV name=value',
          });
        }
        setVariable(config, key, value);
        state.env.set(key, value);
      }
      commit(state, `ENV ${pairs.map(([key, value]) => `${key}=${value}`).join(' ')}`);
      return;
    }
    case 'LABEL': {
      const pairs = instruction.pairs.map(({ key, value }) => [expand(key), expand(value)] as const);
      config.Labels ??= {};
      for (const [key, value] of pairs) put(config.Labels, key, value);
      commit(state, `LABEL ${pairs.map(([key, value]) => `${key}=${value}`).join(' ')}`);
      return;
    }
    case 'MAINTAINER':
      state.author = instruction.value;
      commit(state, `MAINTAINER ${instruction.value}`);
      return;
    case 'CMD':
      config.Cmd = commandArgs(instruction.command, config);
      state.cmdSet = true;
      config.ArgsEscaped = true;
      commit(state, `CMD ${quoted(config.Cmd)}`);
      return;
    case 'ENTRYPOINT':
      config.Entrypoint = commandArgs(instruction.command, config);
      if (!state.cmdSet) config.Cmd = null;
      commit(state, `ENTRYPOINT ${quoted(config.Entrypoint)}`);
      return;
    case 'SHELL':
      config.Shell = instruction.argv;
      commit(state, `SHELL [${instruction.argv.join(' ')}]`);
      return;
    case 'HEALTHCHECK':
      config.Healthcheck = healthcheck(instruction);
      commit(state, `HEALTHCHECK ${printedHealthcheck(config.Healthcheck)}`);
      return;
    case 'EXPOSE': {
      // In the order of the words, before variables and ranges are worked out, as in BuildKit's history.
      const ports = instruction.words.toSorted().flatMap(context.expandWords).flatMap(parsePort);
      config.ExposedPorts ??= {};
      for (const port of ports) put(config.ExposedPorts, port, {});
      commit(state, `EXPOSE [${ports.join(' ')}]`);
      return;
    }
    case 'VOLUME': {
      const volumes = instruction.words.map(expand);
      if (volumes.some((volume) => volume === '')) {
        throw new SlipwayError(
          'ERR_SYNTAX',
          `VOLUME specified can not be an empty string: ${instruction.text}`,
          { place, hint: 'is its variable set?' },
        );
      }
      config.Volumes ??= {};
      for (const volume of volumes) put(config.Volumes, volume, {});
      commit(state, `VOLUME [${volumes.join(' ')}]`);
      return;
    }
    case 'USER':
      config.User = expand(instruction.value);
      commit(state, `USER ${config.User}`);
      return;
    case 'STOPSIGNAL':
      config.StopSignal = expand(instruction.value);
      parseSignal(config.StopSignal);
      commit(state, `STOPSIGNAL ${config.StopSignal}`);
      return;
    case 'ONBUILD':
      config.OnBuild = [...(config.OnBuild ?? []), instruction.trigger];
      return;
  }
}
