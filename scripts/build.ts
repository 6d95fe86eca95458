import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode } from '@temporalio/worker';

// dist/ holds what is published: JavaScript with types (Node strips no types under node_modules), the files that are
// read at run time, and the workflow bundle, which production workers load instead of making one at every start.
const path = (relative: string) => fileURLToPath(new URL(`../${relative}`, import.meta.url));
const DATA = ['emulator/model', 'emulator/seeds'];

await rm(path('dist'), { recursive: true, force: true });
await run(path('node_modules/typescript/bin/tsc'), '-p', path('tsconfig.build.json'));
for (const folder of DATA) await cp(path(folder), path(`dist/${folder}`), { recursive: true });
await writeBundle(path('dist/workflow-bundle.js'));
console.log('dist/ is written. Run the worker with NODE_ENV=production, and it takes dist/workflow-bundle.js.');

async function writeBundle(file: string): Promise<void> {
  const { code } = await bundleWorkflowCode({ workflowsPath: path('src/workflows/index.ts') });
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, code);
}

async function run(script: string, ...args: string[]): Promise<void> {
  const child = spawn(process.execPath, [script, ...args], { stdio: 'inherit' });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) process.exit(code ?? 1);
}
