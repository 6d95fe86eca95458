import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode } from '@temporalio/worker';

// Production workers load this instead of making a bundle at every start.
const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const { code } = await bundleWorkflowCode({ workflowsPath: path('../src/workflows/index.ts') });
await mkdir(path('../dist'), { recursive: true });
await writeFile(path('../dist/workflow-bundle.js'), code);
console.log('dist/workflow-bundle.js is written; run the worker with NODE_ENV=production.');
