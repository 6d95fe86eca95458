import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { inChild } from '../../src/bounded/in-child.ts';

const MODULE = fileURLToPath(new URL('hostile.ts', import.meta.url));

const call = (name: string, input: unknown = [], written = name) =>
  inChild<number>({ module: MODULE, call: name, input, written });

const outcome = (promise: Promise<unknown>) => promise.catch((error: Error) => error.message);

test('gives what a function returns, and what it throws', async () => {
  expect(await call('add', [1, 2])).toBe(3);
  expect(await outcome(call('failing'))).toBe('no such thing');
  expect(await outcome(call('uncopied'))).toContain('could not be cloned');
  expect(await outcome(call('add', () => 1))).toContain('could not be cloned');
  const sums = await Promise.all(Array.from({ length: 300 }, (_, index) => call('add', [index, 1])));
  expect(sums).toEqual(Array.from({ length: 300 }, (_, index) => index + 1));
});

test.each(['endless', 'backtracking', 'greedy'])('%s is ended; what waits behind it goes on', async (name) => {
  const bomb = outcome(call(name));
  const behind = call('add', [1, 1], `first trial beside ${name}`);
  expect(await bomb).toMatch(/it took longer than 500 ms|it needed more than 128 MB/);
  expect(await behind).toBe(2);
});

// A single text may be longer than the limit, where the engine finds room for it: no expression may make one.
test('what needs much at once fails or not, and what waits behind it goes on', async () => {
  const bomb = outcome(call('huge'));
  expect(await call('add', [1, 1], 'first trial beside huge')).toBe(2);
  expect(String(await bomb)).toMatch(/^-1$|it took longer than 500 ms|it needed more than 128 MB/);
});

const known = () => call('add', [1, 2], 'proved');

test('what has proved quick does not wait for bombs', async () => {
  await known();
  const texts = ['a', 'b', 'c', 'd', 'e', 'f'];
  let bombs = texts.length;
  const all = Promise.all(texts.map((text) => outcome(call('endless', [], text)).then(() => (bombs -= 1))));
  expect(await known()).toBe(3);
  expect(bombs).toBeGreaterThan(0);
  for (let index = 0; index < 20; index += 1) expect(await known()).toBe(3);
  await all;
});

test('more than a thousand in a row are refused, and a process ends when nobody waits any more', async () => {
  const script = `
    import { inChild } from ${JSON.stringify(new URL('../../src/bounded/in-child.ts', import.meta.url).href)};
    const call = (name, input, written) => inChild({ module: ${JSON.stringify(MODULE)}, call: name, input, written });
    const all = Array.from({ length: 1_001 }, (_, i) => call('add', [i, 1], 'text ' + i).catch((error) => error.message));
    const answers = await Promise.all(all);
    console.log(JSON.stringify(answers.slice(-2)));
  `;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
  expect(JSON.parse(stdout)).toEqual([1_000, 'more than 1000 evaluations wait already: try again later']);
});

// In a thread, one such time in four ended the whole process.
test('memory that runs out ends its child alone, however often', async () => {
  const ends = [];
  for (const text of ['a', 'b', 'c', 'd', 'e', 'f']) ends.push(await outcome(call('greedy', [], `greedy ${text}`)));
  expect(ends).toEqual(ends.map(() => expect.stringMatching(/took longer than 500 ms|needed more than 128 MB/)));
  expect(await call('add', [1, 1], 'after six of them')).toBe(2);
});
