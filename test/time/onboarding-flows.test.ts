import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { loadFlows } from '../../src/flows.ts';
import { onboardingsOf } from '../onboarding/scene.ts';
import { valueOf } from '../support/admission.ts';
import { DAY, HOUR, timeSkipping } from './time-skipping.ts';

const time = timeSkipping();
let scene: Awaited<ReturnType<typeof onboardingsOf>>;
beforeAll(async () => {
  scene = await onboardingsOf(time.admission);
});

const SHIPPED = fileURLToPath(new URL('../../examples/onboarding', import.meta.url));

/** Starts a flow as it is shipped, asked for by mona. */
async function shipped(name: string, params: Record<string, string>) {
  const { emulator, onboarding, flows } = scene;
  const loaded = await loadFlows([SHIPPED], () => false);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.issues));
  for (const { written } of loaded.value) flows.add(written as { name: string });
  const member = await emulator.newUser(`new-${name}`);
  const input = { flow: name, member, requestedBy: emulator.user('mona'), params };
  const { id } = valueOf(await onboarding.start(input));
  return { id, member };
}

/** Waits until a step is taken. */
async function takes(id: string, step: string, more: object = {}) {
  const taken = expect.arrayContaining([expect.objectContaining({ id: step, status: 'now', ...more })]);
  return scene.reaches(id, { steps: taken });
}

test('the shipped onboarding of an employee over 30 days is played to its end', async () => {
  const { emulator, give, reaches, membership, messages } = scene;
  const [welcome, team] = [emulator.channel('lobby'), emulator.channel('board')];
  const { id, member } = await shipped('employee-30-days', { welcome, team });
  await takes(id, 'form');
  valueOf(await give(id, 'submitInput', member, { step: 'form', answers: { place: 'home', role: 'gardener' } }));
  await takes(id, 'first-week');
  await time.sleep(6 * DAY);
  await takes(id, 'first-month');
  await time.sleep(20 * DAY);
  await takes(id, 'check-in', { panel: expect.anything() });
  await time.sleep(3 * DAY);
  valueOf(await give(id, 'review', emulator.user('max'), { step: 'check-in', decision: 'approve' }));
  const { steps } = await reaches(id, {
    outcome: 'completed',
    percent: 100,
    grants: [{ step: 'welcome' }, { step: 'team' }],
  });
  expect(steps.map(({ status }) => status)).toEqual(steps.map(() => 'done'));
  expect(await Promise.all([welcome, team].map((channel) => membership(channel, member)))).toEqual([
    'DEFAULT',
    'DEFAULT',
  ]);
  const said = [...(await messages(welcome)), ...(await messages(team))].map(({ content }) => content);
  expect(said).toEqual([
    'Welcome, new-employee-30-days! If you have a question, ask your lead.',
    'One week done, new-employee-30-days. Is everything as it should be?',
    '30 days, new-employee-30-days: well done.',
    'new-employee-30-days joins us as gardener.',
    'new-employee-30-days works from home: please send the kit.',
  ]);
});

test('the shipped onboarding of a moderator, with training and a HIDDEN observation, is played to its end', async () => {
  const { emulator, service, give, reaches, membership, messages } = scene;
  const [channel, backstage, mentor] = [emulator.channel('guild'), emulator.channel('board'), emulator.user('max')];
  const { id, member } = await shipped('moderator', { channel, backstage, mentor });
  await takes(id, 'training');
  const answers = { readRules: true, whatIfInsulted: 'I stay calm and ask an admin.', wantsCall: true };
  valueOf(await give(id, 'submitInput', member, { step: 'training', answers }));
  await takes(id, 'call', { panel: expect.anything() });
  valueOf(await give(id, 'review', mentor, { step: 'call', decision: 'approve' }));
  const { steps } = await takes(id, 'observation', { child: expect.anything() });
  const request = steps.find((step) => step.id === 'observation')?.child?.id ?? '';
  await expect.poll(async () => valueOf(await service.show(request)).state).toBe('pending');
  valueOf(await service.review(request, { actor: { principal: emulator.user('ada') }, decision: 'approve' }));
  await takes(id, 'watching');
  expect(await membership(channel, member)).toBe('HIDDEN');
  // The term goes on meanwhile, and ends an hour before the watching does: the test server loses a task where both end at once.
  const ada = emulator.user('ada');
  valueOf(await give(id, 'pause', ada, { reason: 'away' }));
  await time.sleep(HOUR);
  valueOf(await give(id, 'resume', ada, { reason: 'back' }));
  await time.sleep(14 * DAY - HOUR / 2);
  await expect.poll(async () => membership(channel, member)).toBeNull();
  await time.sleep(HOUR);
  await takes(id, 'mentor', { panel: expect.anything() });
  valueOf(await give(id, 'review', mentor, { step: 'mentor', decision: 'approve', comment: 'It went well.' }));
  await reaches(id, { outcome: 'completed', percent: 100, grants: [{ step: 'observation' }, { step: 'member' }] });
  expect(await membership(channel, member)).toBe('DEFAULT');
  expect((await messages(backstage)).map(({ content }) => content)).toContain(
    'new-moderator (new-moderator) is trained: an admin may make them a moderator now.',
  );
});
