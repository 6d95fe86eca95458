import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { admitProcess } from '../support/admit.ts';
import { startAdmission, valueOf } from '../support/admission.ts';
import type { TestAdmission } from '../support/admission.ts';
import { openTemporalUi, textOf } from '../support/temporal-ui.ts';
import { startWorkerProcess } from '../crash/worker-process.ts';

// A team's own folder: one new file and one entry in admission.yaml, and nothing of the engine is touched.
const root = fileURLToPath(new URL('../..', import.meta.url));
let folder: string;
let admission: TestAdmission;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'admission-policies-'));
  await mkdir(join(folder, 'node_modules'));
  await symlink(root, join(folder, 'node_modules/channel-admission'));
  admission = await startAdmission({}, { worker: false });
});
afterAll(async () => {
  await admission.close();
  await rm(folder, { recursive: true, force: true });
});

const inFolder = (...args: string[]) => admitProcess(args, { env: admission.env, cwd: folder });

/** What git knows of the engine. */
async function engine(): Promise<string> {
  const { stdout } = await promisify(execFile)('git', ['status', '--porcelain', '--', 'src', 'worker.ts'], {
    cwd: root,
  });
  return stdout;
}

test('a new policy is one file and one entry: new, edit, test, restart, and the Temporal UI shows its verdict', async () => {
  const before = await engine();
  expect((await inFolder('policies', 'new', 'no-strangers')).code).toBe(0);
  const file = join(folder, 'policies/no-strangers.ts');
  const written = await readFile(file, 'utf8');
  expect(written).toContain("from 'channel-admission/policy'");
  await writeFile(
    file,
    `import { definePolicy, notApplicable, requireApproval, z } from 'channel-admission/policy';

export default definePolicy({
  id: 'no-strangers',
  version: '1.0.0',
  title: 'No strangers',
  params: z.strictObject({}),
  facts: ['requester.role'],
  kind: 'pure',
  evaluate(_request, { facts }) {
    return facts['requester.role'] === 'outsider' ? requireApproval(2) : notApplicable('no stranger');
  },
});
`,
  );
  await writeFile(
    join(folder, 'policies/no-strangers.test.yaml'),
    `policy: ./no-strangers.ts
cases:
  - { name: strangers need two, expect: { evaluation: requireApproval, requirement: { approve: 2 } } }
  - { name: others do not mind, facts: { requester.role: member }, expect: { evaluation: notApplicable } }
`,
  );
  expect((await inFolder('policies', 'test')).stdout).toContain('coverage 100 %');
  await writeFile(
    join(folder, 'admission.yaml'),
    `apiVersion: admission/v1
bindings:
  - { name: channel-privacy, use: privacy }
  - { name: no-strangers, use: ./policies/no-strangers.ts }
`,
  );
  expect((await inFolder('policies', 'lint')).code).toBe(0);

  const worker = await startWorkerProcess({ ...admission.env, ADMISSION_POLICIES: join(folder, 'admission.yaml') });
  try {
    const { service, emulator } = admission;
    const request = { channelArn: emulator.channel('lobby'), memberArn: emulator.user('alice') };
    const answer = valueOf(await service.join(request));
    expect(answer).toMatchObject({ state: 'pending', waitingFor: [{ approve: 2 }] });
    expect(await shownInUi(answer)).toMatch(/no-strangers\s+requireApproval\s+pend\s+needs 2 approvals/);
    const explained = await inFolder('policies', 'explain', answer.id);
    expect(explained.stdout).toContain('no-strangers');
    expect(explained.code).toBe(0);
  } finally {
    await worker.kill('SIGTERM');
  }
  expect(await engine()).toBe(before);
  expect(readFileSync(join(root, 'src/policies/built-ins.ts'), 'utf8')).not.toContain('no-strangers');
});

/** The text of the current details in the Temporal UI. */
async function shownInUi(run: { id: string; runId: string }): Promise<string> {
  const ui = await openTemporalUi();
  try {
    await ui.open(run, 'user-metadata');
    return await textOf(await ui.frameWith('no-strangers'));
  } finally {
    await ui.close();
  }
}
