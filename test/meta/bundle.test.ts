import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode } from '@temporalio/worker';
import { expect, test } from 'vitest';

/** A little more than it is: each cached workflow holds its own copy of every module. Without the source map, in characters. */
const LIMIT = 1_420_000;
const quiet = { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} };

test('the bundle of the workflows stays small, and holds nothing but our own code and the SDK of Temporal', async () => {
  const workflowsPath = fileURLToPath(new URL('../../src/workflows/index.ts', import.meta.url));
  const { code } = await bundleWorkflowCode({ workflowsPath, logger: quiet });
  const own = code.slice(0, code.lastIndexOf('//# sourceMappingURL'));
  const modules = [...own.matchAll(/^\/\*\*\*\/ "([^"]+)"/gm)].map(([, name = '']) => name);
  const packages = modules.map((name) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(name)?.[1] ?? 'ours');
  expect([...new Set(packages)].toSorted()).toEqual([
    '@temporalio/common',
    '@temporalio/workflow',
    'long',
    'nexus-rpc',
    'ours',
  ]);
  expect(own).not.toMatch(/require\("node:/);
  const rooms = modules.flatMap((name) => /^\.\/src\/([^/]+)\//.exec(name)?.slice(1, 2) ?? []);
  expect([...new Set(rooms)].toSorted()).toEqual(['domain', 'workflows']);
  expect(own.length).toBeLessThan(LIMIT);
});
