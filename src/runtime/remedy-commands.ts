// Commands that mend something, as whoever builds here has to give them. Pure.
import type { Distribution, MachineFacts } from './machine-facts.ts';

/** Root needs no sudo. */
export const sudo = ({ uid }: MachineFacts): string => (uid === 0 ? '' : 'sudo ');
export const inImage = (command: string): string => `in the Dockerfile of this container: RUN ${command}`;

/** A command for this machine; a container is made anew from its image, and has no sudo. */
export const asRoot = (facts: MachineFacts, command: string): string =>
  facts.container ? inImage(command) : `${sudo(facts)}${command}`;

/** @param commands that root gives. */
export function installing(
  facts: MachineFacts,
  commands: Readonly<Record<Distribution, string>>,
  anywhere: string,
): string[] {
  const { distribution, container } = facts;
  if (distribution === undefined) return [anywhere];
  const update = container && distribution === 'debian' ? 'apt-get update && ' : '';
  return [asRoot(facts, update + commands[distribution])];
}
