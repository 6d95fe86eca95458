import { expect, test } from 'vitest';
import { newToys } from './support.ts';
import type { Toy, ToyInput } from './toy-types.ts';

/** Random lives on a worker that keeps few of them, and is stopped and started in between: all end, and all replay. */

const LIVES = Number(process.env['LIVES'] ?? 24);
const SEED = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1e9));

const { toys, newId, pending } = await newToys({ cache: 4 });

function random(seed: number): () => number {
  let value = seed;
  return () => {
    value = (value * 1_103_515_245 + 12_345) & 0x7fffffff;
    return value / 0x7fffffff;
  };
}

const sleep = async (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

function inputOf(draw: () => number): ToyInput {
  return {
    need: draw() < 0.85 ? 1 + Math.floor(draw() * 4) : 0,
    forMs: 1_000 + draw() * 3_000,
    evaluateMs: draw() * 30,
    quickFails: draw() < 0.4,
    patientMs: draw() * 700,
    external: draw() < 0.5,
    grantFails: draw() < 0.4,
    grantMs: draw() * 300,
    stays: draw() < 0.3,
    notify: draw() < 0.2,
    perRun: draw() < 0.5 ? 4 : 200,
  };
}

const NAMES = ['review', 'review', 'review', 'review', 'amend', 'withdraw', 'retry', 'revoke', 'odd', 'cancel', 'ask'];

async function live(index: number): Promise<string> {
  const draw = random(SEED + index * 7_919);
  const id = newId();
  const input = inputOf(draw);
  await sleep(draw() * 2_000);
  const given = [toys.ask(id, input).then(String, codeOf)];
  const steps = 2 + Math.floor(draw() * 9);
  for (let step = 0; step < steps; step += 1) {
    if (draw() < 0.5) await sleep(draw() * 400);
    given.push(act(id, input, draw, step));
  }
  const answers = await Promise.all(
    given.map(async (one) => Promise.race([one, sleep(60_000).then(() => 'no answer')])),
  );
  expect({ id, lost: answers.filter((answer) => LOST.test(answer)) }).toEqual({ id, lost: [] });
  return Promise.race([ended(id), sleep(90_000).then(() => `stuck ${id}`)]);
}

/** Nobody may get one of these: an answer that says nothing. */
const LOST = /Internal|AcceptedUpdate|no answer/;

async function act(id: string, input: ToyInput, draw: () => number, step: number): Promise<string> {
  const name = NAMES[Math.floor(draw() * NAMES.length)] ?? 'review';
  const [bad, slow, nonsense] = [draw() < 0.15, draw() < 0.5, draw() < 0.05];
  const [deny, which, late] = [draw() < 0.1, Math.floor(draw() * 10), draw() < 0.6];
  const check = { ms: slow ? draw() * 60 : 1, ...(bad ? { is: 'bad' } : {}) };
  if (name === 'cancel') return late ? 'left' : toys.handle(id).cancel().then(String, codeOf);
  if (name === 'ask') return toys.ask(id, input).then(String, codeOf);
  const lane = ['quick', 'firm', 'patient'][which % 3];
  const command = { by: `p${step}`, decision: deny ? 'deny' : 'approve', which, lane, check };
  return toys.send(id, name, nonsense ? 'nonsense' : command).then(String, codeOf);
}

function codeOf(error: { cause?: { type?: string; message?: string } }): string {
  return error.cause?.type ?? error.cause?.message ?? 'something else';
}

/** Whoever is still there is revoked. Few queries: each may bring a worker that has forgotten it the whole history. */
async function ended(id: string): Promise<string> {
  const handle = toys.handle(id);
  for (;;) {
    const { status, searchAttributes } = await handle.describe();
    const [state] = searchAttributes['AdmissionState'] ?? [];
    const [outcome] = searchAttributes['AdmissionOutcome'] ?? [];
    if (status.name !== 'RUNNING') return String(outcome);
    // No worker may be there just now.
    if (state === 'active') await toys.send(id, 'revoke', { by: 'op' }).catch(() => undefined);
    else if (Math.random() < 0.1) await handle.query<Toy>('toy').catch(() => undefined);
    await sleep(200);
  }
}

test('a query that meets a timer on a worker that has forgotten the workflow changes nothing', async () => {
  const stops = [await toys.startChimeWorker(), await toys.startWorker()];
  const begun = Array.from({ length: 8 }, async () => pending({ need: 1, forMs: 2_000 + Math.random() * 1_000 }));
  const ids = await Promise.all(begun);
  const ends = Promise.all(ids.map(async (id) => toys.handle(id).result()));
  const ask = async (id: string) =>
    toys
      .handle(id)
      .query<Toy>('toy')
      .catch(() => undefined);
  while ((await Promise.race([ends, sleep(50)])) === undefined) await Promise.all(ids.map(ask));
  expect(await ends).toHaveLength(8);
  expect(await toys.replayFailures()).toEqual([]);
  await Promise.all(stops.map((stop) => stop()));
});

test(`${LIVES} random lives all end, and every run replays (SEED=${SEED})`, { timeout: 240_000 }, async () => {
  await toys.startChimeWorker();
  let stop = await toys.startWorker();
  const lives = Promise.all(Array.from({ length: LIVES }, async (_, index) => live(index)));
  while ((await Promise.race([lives, sleep(2_500)])) === undefined) {
    await stop();
    stop = await toys.startWorker();
  }
  const outcomes = await lives;
  expect(outcomes).toHaveLength(LIVES);
  expect(outcomes.filter((outcome) => outcome.startsWith('stuck'))).toEqual([]);
  expect(new Set(outcomes).size).toBeGreaterThan(2);
  expect(await toys.replayFailures()).toEqual([]);
});
