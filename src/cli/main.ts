#!/usr/bin/env node
import { runProgram } from './program.ts';

await runProgram(process.argv.slice(2));

// A call that nobody answers must not keep the process alive after its command is done.
process.exit();
