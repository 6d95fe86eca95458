import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { admitProcess } from '../../support/admit.ts';
import { createSetFolder, linkPackage, policyText, setOf } from './set-folder.ts';
import type { SetFolder } from './set-folder.ts';

const run = promisify(execFile);

const ESM = policyText({ id: "'packed'" });
const CJS = ESM.replace(/import (.*) from (.*);/, 'const $1 = require($2);').replace(
  'export default',
  'module.exports =',
);
const COMPILED = CJS.replace('module.exports =', 'exports.__esModule = true;\nexports.default =');

interface Packed {
  readonly name: string;
  readonly manifest?: object;
  readonly file?: string;
  readonly text: string;
}

const PACKAGES: readonly Packed[] = [
  { name: '@acme/import-alone', manifest: { type: 'module', exports: { import: './index.js' } }, text: ESM },
  { name: 'nested', manifest: { exports: { '.': { node: { import: './i.mjs' } } } }, file: 'i.mjs', text: ESM },
  { name: 'with-main', manifest: { main: './lib.mjs' }, file: 'lib.mjs', text: ESM },
  { name: 'common', text: CJS },
  { name: 'compiled', text: COMPILED },
  { name: 'no-policy', text: 'module.exports = {};\n' },
];

let folder: SetFolder;
let sources: SetFolder;
beforeAll(async () => {
  folder = await createSetFolder({ 'package.json': '{ "name": "user", "private": true }' });
  sources = await createSetFolder();
  await install(PACKAGES, '1.2.3');
});
afterAll(async () => {
  await folder.remove();
  await sources.remove();
});

/** Packs packages and installs them from their files: npm at work, without any registry. */
async function install(packages: readonly Packed[], version: string): Promise<void> {
  for (const { name, manifest = {}, file = 'index.js', text } of packages) {
    await sources.write(join(name, 'package.json'), JSON.stringify({ name, version, ...manifest }));
    await sources.write(join(name, file), text);
  }
  const folders = packages.map(({ name }) => `./${name}`);
  const pack = ['pack', ...folders, '--silent', '--pack-destination', folder.path];
  const { stdout } = await run('npm', pack, { cwd: sources.path });
  const tarballs = stdout
    .trim()
    .split('\n')
    .map((name) => `./${name}`);
  const options = ['--offline', '--no-audit', '--no-fund', '--no-package-lock'];
  await run('npm', ['install', ...tarballs, ...options], { cwd: folder.path });
  // npm takes away what it did not install.
  await linkPackage(folder.path);
}

test.each(['@acme/import-alone', 'nested', 'with-main', 'common', 'compiled'])('the package %s', async (name) => {
  const { bindings } = await folder.load(setOf(`'${name}'`));
  expect(bindings).toMatchObject([{ name: 'mine', policy: { id: 'packed', version: '1.0.0' } }]);
});

test('all of them as Node itself loads them', async () => {
  const names = PACKAGES.map(({ name }) => name).filter((name) => name !== 'no-policy');
  const uses = names.map((name, index) => `  - { name: b${index}, use: '${name}' }\n`);
  await folder.write('native.yaml', `apiVersion: admission/v1\nbindings:\n${uses.join('')}`);
  const { code, stdout } = await admitProcess(['policies', 'lint', 'native.yaml'], { env: {}, cwd: folder.path });
  expect([code, stdout]).toEqual([0, expect.stringMatching(/^native\.yaml: 5 bindings, digest .*: good\n$/)]);
});

test('a package without a policy', async () => {
  const [issue] = await folder.issues(setOf('no-policy'));
  expect(issue).toMatch(
    /^admission\.yaml:4:10 bindings\[0\]\.use: no-policy has no default export that definePolicy made/,
  );
});

test('the digest changes with the version of a package', async () => {
  const { digest } = await folder.load(setOf('common'));
  expect((await folder.load(setOf('common'))).digest).toBe(digest);
  await install(
    PACKAGES.filter(({ name }) => name === 'common'),
    '1.2.4',
  );
  expect((await folder.load(setOf('common'))).digest).not.toBe(digest);
});
