import { chmod, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createKeyPair } from '../../src/identity/signer.ts';
import { addKey, KeySetError, listKeys, revokeKey } from '../../src/identity/key-set-file.ts';
import { seconds, user } from './support.ts';

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'key-set-'));
  file = join(folder, 'keys.json');
});
afterEach(() => rm(folder, { recursive: true }));

const newKey = async (principal?: string) => (await createKeyPair(principal)).publicKey;

test('keys that are added at once are all there, and nothing else is', async () => {
  const keys = await Promise.all(Array.from({ length: 8 }, () => newKey()));
  await Promise.all(keys.map((key) => addKey(file, key)));
  const kids = (await listKeys(file)).map(({ kid }) => kid);
  expect(kids.toSorted()).toEqual(keys.map(({ kid }) => kid).toSorted());
  expect(await readdir(folder)).toEqual(['keys.json']);
});

test('what else is in the set stays: keys of others, members of others', async () => {
  const other = { kty: 'EC', kid: 'other', note: 'kept' };
  await writeFile(file, JSON.stringify({ keys: [other], owner: 'ops' }));
  const key = await newKey(user('mona'));
  await addKey(file, key);
  await revokeKey(file, key.kid);
  expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({ keys: [other, { ...key, revoked: true }], owner: 'ops' });
});

test('a set keeps its mode, and a link to it stays a link', async () => {
  await writeFile(file, JSON.stringify({ keys: [] }));
  await chmod(file, 0o600);
  const link = join(folder, 'link.json');
  await symlink(file, link);
  await addKey(link, await newKey());
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await readFile(link, 'utf8')).toBe(await readFile(file, 'utf8'));
  expect(await listKeys(file)).toHaveLength(1);
});

test('the list says what counts and whom it proves', async () => {
  const [all, monas, gone, over] = await Promise.all([newKey(), newKey(user('mona')), newKey(), newKey()]);
  const keys = [
    all,
    monas,
    { ...gone, revoked: true },
    { ...over, exp: seconds() - 1 },
    { kty: 'RSA', kid: 'rsa' },
    null,
  ];
  await writeFile(file, JSON.stringify({ keys }));
  expect(await listKeys(file)).toEqual([
    { kid: all.kid, state: 'good', principal: null },
    { kid: monas.kid, state: 'good', principal: user('mona') },
    { kid: gone.kid, state: 'revoked', principal: null },
    { kid: over.kid, state: 'expired', principal: null },
    { kid: 'rsa', state: 'unusable', principal: null },
    { kid: '', state: 'unusable', principal: null },
  ]);
});

test.each([
  ['text', 'keys: none'],
  ['another JSON', '[]'],
])('a file that is %s is left as it is', async (_name, content) => {
  await writeFile(file, content);
  const key = await newKey();
  await expect(addKey(file, key)).rejects.toThrow(KeySetError);
  await expect(revokeKey(file, key.kid)).rejects.toThrow(KeySetError);
  expect(await readFile(file, 'utf8')).toBe(content);
  expect(await readdir(folder)).toEqual(['keys.json']);
});

test('what a writer that died left behind is named', async () => {
  await writeFile(`${file}.new`, '');
  await expect(addKey(file, await newKey())).rejects.toThrow(`${file}.new is there`);
});
