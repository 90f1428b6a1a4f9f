// The rules with ShellCheck's codes, one file each.
import { sc1001 } from './sc1001.ts';
import { sc2005 } from './sc2005.ts';
import { sc2006 } from './sc2006.ts';
import { sc2012 } from './sc2012.ts';
import { sc2016 } from './sc2016.ts';
import { sc2028 } from './sc2028.ts';
import { sc2035 } from './sc2035.ts';
import { sc2038 } from './sc2038.ts';
import { sc2046 } from './sc2046.ts';
import { sc2059 } from './sc2059.ts';
import { sc2068 } from './sc2068.ts';
import { sc2086 } from './sc2086.ts';
import { sc2102 } from './sc2102.ts';
import { sc2154 } from './sc2154.ts';
import { sc2155 } from './sc2155.ts';
import { sc2162 } from './sc2162.ts';
import { sc2164 } from './sc2164.ts';
import { sc2166 } from './sc2166.ts';
import { sc2226 } from './sc2226.ts';
import { sc2283 } from './sc2283.ts';
import { sc3001 } from './sc3001.ts';
import { sc3009 } from './sc3009.ts';
import { sc3010 } from './sc3010.ts';
import { sc3011 } from './sc3011.ts';
import { sc3014 } from './sc3014.ts';
import { sc3020 } from './sc3020.ts';
import { sc3036 } from './sc3036.ts';
import { sc3037 } from './sc3037.ts';
import { sc3040 } from './sc3040.ts';
import { sc3046 } from './sc3046.ts';
import { sc3050 } from './sc3050.ts';
import type { ShellRule } from './shell-rule.ts';

export const scRules: readonly ShellRule[] = [
  sc1001,
  sc2005,
  sc2006,
  sc2012,
  sc2016,
  sc2028,
  sc2035,
  sc2038,
  sc2046,
  sc2059,
  sc2068,
  sc2086,
  sc2102,
  sc2154,
  sc2155,
  sc2162,
  sc2164,
  sc2166,
  sc2226,
  sc2283,
  sc3001,
  sc3009,
  sc3010,
  sc3011,
  sc3014,
  sc3020,
  sc3036,
  sc3037,
  sc3040,
  sc3046,
  sc3050,
];
