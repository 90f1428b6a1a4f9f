// HEALTHCHECK: NONE, or CMD with options.
import { SlipwayError, withPlace } from '../errors.ts';
import { parseDuration } from './duration.ts';
import type { HealthcheckInstruction } from './instruction.ts';
import { type Body, type InstructionLine, parseCommand } from './instruction-line.ts';
import { trimSpace } from './space.ts';

const millisecond = 1_000_000;

/**
 * An option of 0 means "as the base image has it", as if it were not given.
 * @throws ERR_SYNTAX for another type than CMD and NONE, no command, or an option that is no duration or number.
 */
export function parseHealthcheck(line: InstructionLine): Body<HealthcheckInstruction> {
  const { args } = line;
  if (args === '') {
    throw new SlipwayError('ERR_SYNTAX', 'HEALTHCHECK requires at least one argument', {
      hint: 'write HEALTHCHECK CMD command or HEALTHCHECK NONE',
    });
  }
  const type = /^\S+/.exec(args)?.[0] ?? '';
  const rest = trimSpace(args.slice(type.length));
  const none = type.toUpperCase() === 'NONE';
  if (none && rest !== '') {
    throw new SlipwayError('ERR_SYNTAX', 'HEALTHCHECK NONE takes no arguments', { hint: `remove ${rest}` });
  }
  if (!none && type.toUpperCase() !== 'CMD') {
    throw new SlipwayError('ERR_SYNTAX', `unknown type "${type}" in HEALTHCHECK`, {
      hint: `write HEALTHCHECK CMD ${args}`,
    });
  }
  if (none) {
    const unset = undefined;
    return {
      keyword: 'HEALTHCHECK',
      command: unset,
      interval: unset,
      timeout: unset,
      startPeriod: unset,
      startInterval: unset,
      retries: unset,
    };
  }
  const command = parseCommand(rest);
  if (command.form === 'exec' ? command.argv.length === 0 : command.line === '') {
    throw new SlipwayError('ERR_SYNTAX', 'missing command after HEALTHCHECK CMD', {
      hint: 'write the command',
    });
  }
  return {
    keyword: 'HEALTHCHECK',
    command,
    interval: duration(line, 'interval'),
    timeout: duration(line, 'timeout'),
    startPeriod: duration(line, 'start-period'),
    startInterval: duration(line, 'start-interval'),
    retries: retries(line),
  };
}

function duration({ flags }: InstructionLine, name: string): number | undefined {
  const text = flags.text(name);
  if (text === undefined || text === '') return undefined;
  try {
    const value = parseDuration(text);
    if (value !== 0 && value < millisecond) {
      throw new SlipwayError('ERR_SYNTAX', `--${name} cannot be less than 1ms, it is ${text}`, {
        hint: 'write 1ms or more',
      });
    }
    return value === 0 ? undefined : value;
  } catch (error) {
    throw withPlace(error, flags.place(name));
  }
}

function retries({ flags }: InstructionLine): number | undefined {
  const text = flags.text('retries');
  if (text === undefined || text === '') return undefined;
  if (!/^\+?\d{1,10}$/.test(text) || Number(text) >= 2 ** 31) {
    throw new SlipwayError('ERR_SYNTAX', `--retries must be a number of 0 or more, not "${text}"`, {
      place: flags.place('retries'),
      hint: 'write --retries=3',
    });
  }
  return Number(text) === 0 ? undefined : Number(text);
}
