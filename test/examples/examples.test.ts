import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { admit } from '../support/admit.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

test('every example is free of mistakes, and its fixtures cover all of it', async () => {
  const folders = readdirSync(`${root}/examples`).filter((name) =>
    existsSync(`${root}/examples/${name}/admission.yaml`),
  );
  expect(folders.length).toBeGreaterThanOrEqual(4);
  for (const folder of folders) {
    const lint = await admit(['policies', 'lint', `examples/${folder}/admission.yaml`, '--json'], {
      env: {},
      cwd: root,
    });
    expect([folder, lint.json()]).toMatchObject([folder, { ok: true, issues: [] }]);
  }
  const tested = await admit(['policies', 'test'], { env: {}, cwd: root });
  expect(tested.stdout).toContain('coverage 100 %');
  expect(tested.code).toBe(0);
});
