import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const files = readdirSync(`${root}/test`, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
const read = (file: string) => readFileSync(`${root}/test/${file}`, 'utf8');
const tests = files.filter((file) => file.endsWith('.test.ts'));
const asks = (file: string) => /\binLane\(\{/.test(read(file));

describe('tests', () => {
  /** Folders whose tests go through many folders of `src`. */
  const ACROSS = ['crash', 'e2e', 'examples', 'meta', 'onboarding', 'replay', 'support', 'time'];

  test('stand in folders that are named as those of `src`', () => {
    const folders = readdirSync(`${root}/test`, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    const others = folders.map(({ name }) => name).filter((name) => !ACROSS.includes(name));
    expect(others.filter((name) => !existsSync(`${root}/src/${name}`) && name !== 'emulator')).toEqual([]);
  });

  test('that do more in the long lane are named so, and no others', () => {
    const helpers = files
      .filter((file) => !file.endsWith('.test.ts') && asks(file))
      .map((file) => `/${basename(file)}'`);
    const asking = tests.filter((file) => asks(file) || helpers.some((helper) => read(file).includes(helper)));
    const named = tests.filter((file) => file.endsWith('.long.test.ts'));
    expect(named.filter((file) => !asking.includes(file))).toEqual([]);
    expect(tests.filter((file) => asks(file) && !named.includes(file))).toEqual([]);
  });

  // Files of one process load a helper once: a hook at its top would belong to the first of them alone.
  test('get hooks from helpers that they call', () => {
    const helpers = files.filter((file) => !file.endsWith('.test.ts') && file !== 'support/each-file.ts');
    const hooking = helpers.filter((file) => /^(before|after)(All|Each)\(/m.test(read(file)));
    expect(hooking).toEqual([]);
  });

  // A busy machine takes longer: order, counts, options and CPU time say the same. Ratios of times are for bench/.
  test('measure no time but the one that must pass', () => {
    const measuring = files.filter((file) => /performance\.now\(\)/.test(read(file)) && file !== 'meta/tests.test.ts');
    expect(measuring).toEqual(['emulator/faults.test.ts']);
  });
});
