import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format } from 'prettier';
import { describe, expect, test } from 'vitest';
import { errorsDoc } from '../../scripts/errors-markdown.ts';
import { ACCEPTED } from '../../src/config.ts';
import { createProgram } from '../../src/cli/program.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string) => readFileSync(join(root, path), 'utf8');

function filesBelow(folder: string, ending: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => join(folder, name));
}

describe('docs', () => {
  test('docs/errors.md is what the retry table says; `npm run docs:errors` writes it', async () => {
    const style = JSON.parse(read('.prettierrc.json')) as object;
    expect(read('docs/errors.md')).toBe(await format(errorsDoc(), { ...style, parser: 'markdown' }));
  });

  test('docs/operations.md names every variable', () => {
    const operations = read('docs/operations.md');
    expect(Object.keys(ACCEPTED).filter((name) => !operations.includes(name))).toEqual([]);
  });

  test('docs/dependencies.md gives a reason for every package', () => {
    const { dependencies, devDependencies } = JSON.parse(read('package.json')) as Record<
      string,
      Record<string, string>
    >;
    const reasons = read('docs/dependencies.md');
    const named = (name: string) =>
      reasons.includes(name) || name.startsWith('@temporalio/') || name.startsWith('@types/');
    const rest = Object.keys({ ...dependencies, ...devDependencies }).filter((name) => !named(name));
    expect(rest).toEqual(['@aws-sdk/client-chime-sdk-identity']);
  });

  test.each(['README.md', 'CONTRIBUTING.md', ...filesBelow('docs', '.md'), 'emulator/README.md'])(
    'links in %s lead somewhere',
    (file) => {
      const targets = [...read(file).matchAll(/\]\((?!https?:)([^)#]+)[^)]*\)/g)].map((match) => match[1] ?? '');
      expect(targets.filter((target) => !existsSync(join(root, file, '..', target)))).toEqual([]);
    },
  );

  test('README names only scripts and commands that are there', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const called = [...read('README.md').matchAll(/npm run ([a-z:]+)/g)].map((match) => match[1] ?? '');
    expect(called.filter((name) => !scripts[name])).toEqual([]);
    const commands = [...read('README.md').matchAll(/npx admit ([a-z]+)/g)].map((match) => match[1] ?? '');
    const known = createProgram(false).commands.map((command) => command.name());
    expect(commands.filter((name) => !known.includes(name))).toEqual([]);
  });
});

test('the lock file names the packages of every platform; `npm run lock` writes it', () => {
  interface Entry {
    optionalDependencies?: Record<string, string>;
  }
  const { packages } = JSON.parse(read('package-lock.json')) as { packages: Record<string, Entry> };
  const optional = Object.values(packages).flatMap((entry) => Object.keys(entry.optionalDependencies ?? {}));
  expect(optional.filter((name) => !packages[`node_modules/${name}`])).toEqual([]);
});

describe('layout', () => {
  const sources = ['src', 'emulator', 'scripts'].flatMap((folder) => filesBelow(folder, '.ts'));

  test('source files are small: half of them at most 110 lines', () => {
    const sizes = sources.map((file) => read(file).split('\n').length).toSorted((a, b) => a - b);
    expect(sizes[Math.floor(sizes.length / 2)]).toBeLessThanOrEqual(110);
  });

  test('Chime is read in one place, where every answer is checked', () => {
    const reading = filesBelow('src', '.ts').filter((file) =>
      /\b(Describe|List|Get|Search)\w+Command\b/.test(read(file)),
    );
    expect(reading).toEqual(['src/chime/reads.ts']);
  });

  test('no file holds a path of one machine', () => {
    const texts = [
      ...sources,
      ...filesBelow('test', '.ts'),
      ...filesBelow('test/replay', '.json'),
      ...filesBelow('docs', '.md'),
    ];
    const own = [root, `${homedir()}/`];
    const leaks = texts.filter((file) => own.some((path) => read(file).includes(path)));
    expect(leaks).toEqual([]);
  });
});
