// The functions that bake files have without defining them.

import { SlipwayError } from '../../errors.ts';
import { nearest } from '../../nearest.ts';
import { type Value, valueError } from '../hcl/value.ts';
import { collectionFunctions } from './collections.ts';
import { dateFunctions } from './dates.ts';
import { encodingFunctions } from './encodings.ts';
import { type CallContext, callFunction, type FunctionTable } from './function-table.ts';
import { numberFunctions } from './numbers.ts';
import { textFunctions } from './texts.ts';

const table: FunctionTable = {
  ...numberFunctions,
  ...textFunctions,
  ...collectionFunctions,
  ...encodingFunctions,
  ...dateFunctions,
};

/** Functions of docker's bake that are left out, each with the way round. */
const unsupported: Record<string, string> = {
  bcrypt: 'make it outside and pass it in a variable',
  cidrhost: 'write the address down, or pass it in a variable',
  cidrnetmask: 'write the mask down, or pass it in a variable',
  cidrsubnet: 'write the network down, or pass it in a variable',
  cidrsubnets: 'write the networks down, or pass them in a variable',
  convert: 'give the variable a type',
  homedir: 'declare variable "HOME" {}: it is taken from the environment',
  rsadecrypt: 'decrypt it outside and pass it as a secret',
  semvercmp: 'compare outside and pass the result in a variable',
  uuidv4: 'pass one in a variable, or use uuidv5, which gives the same each time',
};

const functionNames: readonly string[] = [...Object.keys(table), 'try', 'can'];

/** @throws ERR_EXPANSION, ERR_UNSUPPORTED */
export function callStandard(
  name: string,
  args: readonly Value[],
  { now, own }: CallContext & { own: readonly string[] },
): Value {
  const found = Object.hasOwn(table, name) ? table[name] : undefined;
  if (found) return callFunction({ ...found, name }, args, { now });
  const way = Object.hasOwn(unsupported, name) ? unsupported[name] : undefined;
  if (way) throw new SlipwayError('ERR_UNSUPPORTED', `the function ${name} is not supported`, { hint: way });
  const near = nearest(name, [...own, ...functionNames]);
  throw valueError(
    `there is no function ${JSON.stringify(name)}`,
    near === undefined ? 'define it: function "NAME" { params = [a]  result = a }' : `did you mean ${near}?`,
  );
}
