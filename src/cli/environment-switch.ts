// Variables of the environment that are on or off.
import { SlipwayError } from '../errors.ts';

/** Undefined where it is not set, or empty. @throws ERR_USAGE for what is neither */
export function environmentSwitch(
  env: Readonly<Record<string, string | undefined>>,
  name: string,
): boolean | undefined {
  const text = env[name] ?? '';
  if (text === '') return undefined;
  if (/^(1|t|true)$/i.test(text)) return true;
  if (/^(0|f|false)$/i.test(text)) return false;
  throw new SlipwayError('ERR_USAGE', `${name} is ${JSON.stringify(text)} in the environment`, {
    hint: `${name}=1 or ${name}=0`,
  });
}
