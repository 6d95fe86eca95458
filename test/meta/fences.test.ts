import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROOMS, WORKERS } from '../../scripts/rooms.ts';

// The rules of lint over a tree of planted files: one for each room, depth and import.

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'fences-'));
const all = readdirSync(join(root, 'src'));
const isFile = (name: string) => name.endsWith('.ts');
const planted = new Set<string>();
let refused: ReadonlySet<string>;

const targets = (room: string) => all.filter((other) => other !== room);
const depths = (room: string) => (isFile(room) ? [''] : ['', 'a/', 'a/b/', 'a/b/c/']);

function plant(room: string, depth: string, name: string, code: (up: string) => string): string {
  const file = isFile(room) ? `src/${room}` : `src/${room}/${depth}${name}.ts`;
  const up = file.split('/').length === 2 ? './' : '../'.repeat(file.split('/').length - 2);
  mkdirSync(join(folder, dirname(file)), { recursive: true });
  writeFileSync(join(folder, file), `${code(up)}\n`);
  planted.add(file);
  return file;
}

const importOf = (other: string, up: string) =>
  `import { x } from '${up}${isFile(other) ? other : `${other}/deep/x.ts`}';\nexport const y = x;`;
const nameOf = (other: string) => `plant-${other.replace('.ts', '-file')}`;

beforeAll(async () => {
  for (const name of ['package.json', 'oxlint.config.ts', 'scripts/rooms.ts'])
    cpSync(join(root, name), join(folder, name));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  for (const name of all) {
    if (isFile(name)) plant(name, '', '', () => 'export const x = 1;');
    else mkdirSync(join(folder, 'src', name), { recursive: true });
  }
  for (const room of Object.keys({ ...ROOMS, cli: 0, demo: 0 }).filter((name) => !isFile(name))) {
    for (const depth of depths(room)) {
      for (const other of targets(room)) plant(room, depth, nameOf(other), (up) => importOf(other, up));
    }
  }
  plant('workflows', 'a/', 'types', (up) => `import type { X } from '${up}activities/x.ts';\nexport type Y = X;`);
  for (const one of ['zod', 'node:fs', '@temporalio/client']) {
    plant(
      'domain',
      'a/',
      `library-${one.replace(/\W/g, '-')}`,
      () => `import { x } from '${one}';\nexport const y = x;`,
    );
    plant(
      'workflows',
      'a/',
      `library-${one.replace(/\W/g, '-')}`,
      () => `import { x } from '${one}';\nexport const y = x;`,
    );
  }
  refused = await refusedByLint();
}, 60_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function refusedByLint(): Promise<Set<string>> {
  const text = await new Promise<string>((resolve) => {
    const args = [join(root, 'node_modules/oxlint/bin/oxlint'), '--format', 'json', 'src'];
    execFile(process.execPath, args, { cwd: folder, maxBuffer: 64 << 20 }, (_error, stdout) => resolve(stdout));
  });
  const { diagnostics } = JSON.parse(text) as { diagnostics: { code: string; filename: string }[] };
  return new Set(
    diagnostics.filter(({ code }) => code.includes('no-restricted-imports')).map(({ filename }) => filename),
  );
}

describe.each(Object.keys({ ...ROOMS, cli: 0, demo: 0 }).filter((name) => !isFile(name)))('src/%s', (room) => {
  const forbidden = (other: string) =>
    room in ROOMS ? ROOMS[room]?.imports.includes(other) === false : WORKERS.includes(other);

  test.each(depths(room))('at depth src/…/%s it imports its own rooms, and no other', (depth) => {
    const files = targets(room).map((other) => [other, `src/${room}/${depth}${nameOf(other)}.ts`] as const);
    const wrong = files.filter(([other, file]) => refused.has(file) !== forbidden(other));
    expect(wrong.map(([other]) => other)).toEqual([]);
    expect(files.some(([, file]) => refused.has(file))).toBe(true);
  });
});

test('of activities, workflows take types; of libraries, domain takes none', () => {
  expect(refused.has('src/workflows/a/types.ts')).toBe(false);
  expect(refused.has('src/workflows/a/plant-activities.ts')).toBe(true);
  const libraries = [...planted].filter((file) => file.includes('/library-'));
  expect(libraries.filter((file) => !refused.has(file))).toEqual([]);
});
