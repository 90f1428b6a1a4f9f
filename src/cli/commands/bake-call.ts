// `slipway bake --call` and the attribute `call`: other methods than a build, target by target.
import { type Place, SlipwayError, withPlace } from '../../errors.ts';
import type { BakePlan, BakeTarget, BakeTargetRequest, BuildEvent, OnEvent } from '../../index.ts';
import type { Session } from '../session.ts';
import { answerCall, type CallEngine, toJson } from './answer-call.ts';
import { type BuildCall, parseCall } from './build-call.ts';
import { createSourceReader } from './read-source.ts';

/** The methods of targets that are not built, by the target's name. */
export type BakeCalls = ReadonlyMap<string, BuildCall>;

/**
 * @param given of the command line: format and status are its to say, and it stands in the targets already.
 * @throws ERR_USAGE, ERR_UNSUPPORTED, with target and place
 */
export function readCalls(targets: readonly BakeTarget[], given: BuildCall): BakeCalls {
  const calls = new Map<string, BuildCall>();
  for (const { name, settings } of targets) {
    const setting = settings.find(({ key }) => key === 'call');
    if (!setting) continue;
    const call = readAttribute(name, setting.flags[1]!, setting.place);
    const { json, ignoreStatus } = given;
    if (call.method !== 'build')
      calls.set(name, { ...call, ...(given.method === 'build' ? {} : { json, ignoreStatus }) });
  }
  return calls;
}

function readAttribute(name: string, text: string, place: Place | undefined): BuildCall {
  try {
    const call = parseCall(text);
    if (!call.json && !call.ignoreStatus) return call;
    throw new SlipwayError('ERR_USAGE', `${text}: how it is answered is not the target's to say`, {
      hint: `call = "${call.method}", and on the command line --call=${text}`,
    });
  } catch (error) {
    if (!(error instanceof SlipwayError)) throw error;
    error.message = `target ${name}, call: ${error.message}`;
    throw place ? withPlace(error, place) : error;
  }
}

/** Targets that are built: those without a call, and what they are linked to. */
export function builtTargets(targets: readonly BakeTargetRequest[], calls: BakeCalls): BakeTargetRequest[] {
  const built = new Set<string>();
  const build = (name: string): void => {
    if (built.has(name)) return;
    built.add(name);
    for (const link of targets.find((target) => target.name === name)?.links ?? []) build(link.target);
  };
  for (const { name } of targets) if (!calls.has(name)) build(name);
  return targets.filter(({ name }) => built.has(name));
}

export interface BakeCallWork {
  engine: CallEngine;
  plan: BakePlan;
  targets: readonly BakeTargetRequest[];
  session: Session;
  onEvent: OnEvent;
}

/** The answers in the order of the targets' names, or as JSON beside what --print shows. */
export async function answerCalls(calls: BakeCalls, json: boolean, work: BakeCallWork): Promise<string> {
  const answers: { name: string; method: string; text: string }[] = [];
  for (const name of [...calls.keys()].sort()) {
    const call = calls.get(name)!;
    answers.push({ name, method: call.method, text: await answerTarget(name, call, work) });
  }
  const document = JSON.parse(work.plan.print()) as PrintedBake;
  if (!json) {
    return answers
      .map(({ name, text }) => {
        const { description } = document.target[name]!;
        return `${name}\n${description ? `${description}\n` : ''}\n${text}`;
      })
      .join('\n');
  }
  const target = Object.entries(document.target).map(([name, build]) => {
    const answer = answers.find((one) => one.name === name);
    return [name, { build, ...(answer ? { [answer.method]: JSON.parse(answer.text) as unknown } : {}) }];
  });
  return toJson({ group: document.group, target: Object.fromEntries(target) });
}

async function answerTarget(name: string, call: BuildCall, work: BakeCallWork): Promise<string> {
  const { request: given, links } = work.targets.find((target) => target.name === name)!;
  const { failure, signal } = work.session;
  const source = createSourceReader(given);
  failure.readSource = source.read;
  // What a link leads to is not built, and that there is such a context is all that a call needs to know.
  const linked = links.map(({ context }) => ({ name: context, value: 'docker-image://scratch' }));
  const request = {
    ...given,
    stdin: source.stdin,
    buildContexts: [...given.buildContexts, ...linked],
  };
  const onEvent: OnEvent = (event) => work.onEvent(ofTarget(name, event));
  try {
    return await answerCall(call, { engine: work.engine, request, options: { signal, onEvent }, failure });
  } catch (error) {
    if (!(error instanceof SlipwayError) || error.code === 'ERR_ABORTED') throw error;
    error.message = `target ${name}: ${error.message}`;
    throw error;
  }
}

function ofTarget(target: string, event: BuildEvent): BuildEvent {
  if (event.type === 'started') {
    const { id, name } = event.vertex;
    return {
      ...event,
      vertex: { ...event.vertex, id: `${target} ${id}`, name: name.replace(/^\[/, `[${target} `) },
    };
  }
  return event.type === 'warning' ? event : { ...event, id: `${target} ${event.id}` };
}

interface PrintedBake {
  group: Record<string, unknown>;
  target: Record<string, { description?: string }>;
}
