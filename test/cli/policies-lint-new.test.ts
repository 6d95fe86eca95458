import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createSetFolder } from '../policies/load/set-folder.ts';
import type { SetFolder } from '../policies/load/set-folder.ts';
import { admit } from '../support/admit.ts';

let folder: SetFolder;
beforeEach(async () => {
  folder = await createSetFolder();
});
afterEach(() => folder.remove());

const policies = (args: readonly string[], env: Record<string, string> = {}) =>
  admit(['policies', ...args], { env: { ADMISSION_POLICIES: undefined, ...env }, cwd: folder.path });

const GOOD = 'apiVersion: admission/v1\nbindings:\n  - { name: p, use: privacy }\n';
const BAD = 'apiVersion: admission/v1\nbindings:\n  - { name: p, use: privcay }\n  - { name: P, use: ban }\n';

describe('admit policies lint', () => {
  test('0 for a good set, with its digest', async () => {
    await folder.write('admission.yaml', GOOD);
    const [text, json] = await Promise.all([policies(['lint']), policies(['lint', '--json'])]);
    expect([text.code, json.code]).toEqual([0, 0]);
    const { digest, ...rest } = json.json<{ digest: string }>();
    expect(rest).toEqual({ file: 'admission.yaml', ok: true, issues: [], warnings: [] });
    expect(text.stdout).toBe(`admission.yaml: 1 binding, digest ${digest.slice(0, 12)}: good\n`);
  });

  test('0 with warnings, each with its place', async () => {
    await folder.write('admission.yaml', `${GOOD}  - { name: b, use: ban, enforcement: Audit }\n`);
    const { code, stdout } = await policies(['lint']);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^admission\.yaml:4:39 bindings\[1\]\.enforcement: warning: is Audit: .*\n\nadmission\.yaml: 2 bindings, digest [0-9a-f]{12}: good, with 1 warning\n$/,
    );
  });

  test('1 for mistakes: each with its place', async () => {
    await folder.write('sets/bad.yaml', BAD);
    const [text, json] = await Promise.all([
      policies(['lint', 'sets/bad.yaml']),
      policies(['lint', 'sets/bad.yaml', '--json']),
    ]);
    expect([text.code, json.code]).toEqual([1, 1]);
    expect(text.stdout).toMatch(
      /^sets\/bad\.yaml:3:21 bindings\[0\]\.use: .*\nsets\/bad\.yaml:4:13 bindings\[1\]\.name: .*\n\nsets\/bad\.yaml: 2 mistakes\n$/,
    );
    expect(json.json()).toMatchObject({
      file: 'sets/bad.yaml',
      ok: false,
      issues: [
        {
          file: 'sets/bad.yaml',
          line: 3,
          column: 21,
          path: 'bindings[0].use',
          accepted: expect.stringContaining('privacy') as string,
        },
        { line: 4, column: 13, path: 'bindings[1].name' },
      ],
      warnings: [],
    });
  });

  test('takes the file of ADMISSION_POLICIES where none is named', async () => {
    await folder.write('sets/bad.yaml', BAD);
    await folder.write('admission.yaml', GOOD);
    expect((await policies(['lint'], { ADMISSION_POLICIES: 'sets/bad.yaml' })).code).toBe(1);
    expect((await policies(['lint', 'admission.yaml'], { ADMISSION_POLICIES: 'sets/bad.yaml' })).code).toBe(0);
  });

  test.each([
    ['a file that is not there', ['lint', 'nowhere.yaml'], 'there is no nowhere.yaml'],
    ['no file at all', ['lint'], 'there is no admission.yaml'],
    ['a misspelled option', ['lint', '--jso'], "unknown option '--jso'"],
    ['one that steers a terminal', ['lint', '--x\u001b[31m\nerror: forged'], "'--x\\u{1b}[31m⏎error: forged'"],
  ])('2 for %s', async (_title, args, message) => {
    const { code, stderr } = await policies(args);
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
  });
});

describe('admit policies new', () => {
  test('writes a policy and its fixtures; they pass, load and typecheck as they are', async () => {
    const made = await policies(['new', 'office-hours']);
    expect(made.code).toBe(0);
    const entry = /^ {2}- name: .*\n {4}use: .*$/m.exec(made.stdout)?.[0] ?? '';
    expect((await readdir(folder.path, { recursive: true })).filter((name) => name.startsWith('policies/'))).toEqual([
      'policies/office-hours.test.yaml',
      'policies/office-hours.ts',
    ]);
    const tested = await policies(['test', '--json']);
    expect([tested.code, tested.json()]).toEqual([0, expect.objectContaining({ ok: true })]);
    const set = await folder.load(`${GOOD}${entry}\n    params: { minLength: 3 }\n`);
    expect(set.bindings[1]).toMatchObject({
      name: 'office-hours',
      policy: { id: 'office-hours' },
      params: { minLength: 3 },
    });
    await typecheck();
  });

  test('as JSON', async () => {
    const made = await policies(['new', 'a', '--json']);
    expect(made.json()).toEqual({
      files: ['policies/a.ts', 'policies/a.test.yaml'],
      binding: { name: 'a', use: './policies/a.ts' },
    });
  });

  test.each(['Office', '../up', 'a'.repeat(65)])('2 for the name %s', async (name) => {
    const { code, stderr } = await policies(['new', name]);
    expect([code, stderr]).toEqual([2, expect.stringContaining('a name in kebab-case')]);
    expect(await readdir(folder.path)).toEqual(['node_modules']);
  });

  test('2 where one of the files is there; nothing is written', async () => {
    await folder.write('policies/mine.test.yaml', 'mine\n');
    const { code, stderr } = await policies(['new', 'mine']);
    expect([code, stderr]).toEqual([2, expect.stringContaining('policies/mine.test.yaml is already there')]);
    expect(await readdir(`${folder.path}/policies`)).toEqual(['mine.test.yaml']);
    expect(await readFile(`${folder.path}/policies/mine.test.yaml`, 'utf8')).toBe('mine\n');
  });
});

/** With the strictest settings, and none of what only this repository has. */
async function typecheck(): Promise<void> {
  const compilerOptions = {
    target: 'es2024',
    module: 'nodenext',
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    noPropertyAccessFromIndexSignature: true,
    verbatimModuleSyntax: true,
    erasableSyntaxOnly: true,
    skipLibCheck: true,
    // What the linked package has in place of its `.d.ts`.
    allowImportingTsExtensions: true,
    noEmit: true,
    types: ['node'],
    typeRoots: [fileURLToPath(new URL('../../node_modules/@types', import.meta.url))],
  };
  await folder.write('tsconfig.json', JSON.stringify({ compilerOptions, include: ['policies'] }));
  await folder.write('package.json', '{ "type": "module" }');
  const tsc = fileURLToPath(new URL('../../node_modules/typescript/bin/tsc', import.meta.url));
  await promisify(execFile)(process.execPath, [tsc, '-p', folder.path]).catch((error: { stdout?: string }) => {
    throw new Error(error.stdout);
  });
}
