// Every scenario, in the order in which they run: what takes most of the disk comes last.
import type { Scenario } from '../scenario.ts';
import { ciScenario } from './ci.ts';
import { layerScenarios } from './layers.ts';
import { memoryScenario } from './memory.ts';
import { programScenarios } from './programs.ts';
import { pullScenarios } from './pull.ts';
import { rebuildScenarios } from './rebuild.ts';
import { scalingScenarios } from './scaling.ts';
import { stepScenarios } from './steps.ts';

export const allScenarios: readonly Scenario[] = [
  ...rebuildScenarios,
  ...stepScenarios,
  ...pullScenarios,
  ...layerScenarios,
  ciScenario,
  ...programScenarios,
  ...scalingScenarios,
  memoryScenario,
];
