// The rules of our own, one file each.

import type { LintRule } from '../dl/walk.ts';
import { sw001 } from './sw001.ts';
import { sw002 } from './sw002.ts';
import { sw003 } from './sw003.ts';
import { sw004 } from './sw004.ts';
import { sw005 } from './sw005.ts';
import { sw006 } from './sw006.ts';
import { sw007 } from './sw007.ts';
import { sw008 } from './sw008.ts';
import { sw009 } from './sw009.ts';
import { sw010 } from './sw010.ts';
import { sw011 } from './sw011.ts';
import { sw012 } from './sw012.ts';
import { sw013 } from './sw013.ts';

export const swRules: readonly LintRule[] = [
  sw001,
  sw002,
  sw003,
  sw004,
  sw005,
  sw006,
  sw007,
  sw008,
  sw009,
  sw010,
  sw011,
  sw012,
  sw013,
];
