#!/usr/bin/env node
import { runCli } from './program.ts';

// It ends here: a call without an answer must not keep the process alive after its command is done.
process.exit(await runCli(process.argv.slice(2), process));
