#!/usr/bin/env node
// The program `slipway`.
import { dispatch } from './dispatch.ts';
import { runProgram } from './run-program.ts';

await runProgram(dispatch);
