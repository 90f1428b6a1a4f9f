// The program `slipway`.
import { dispatch } from './dispatch.ts';
import { runProgram } from './run-program.ts';

void runProgram(dispatch);
