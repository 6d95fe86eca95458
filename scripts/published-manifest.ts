import { existsSync } from 'node:fs';
import { copyFile, readFile, rename, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

// In this folder `bin` and `exports` name sources, so that nothing has to be built to run or test; in the published
// package they name dist/. pnpm and yarn take that from `publishConfig` by themselves; npm does not, so that `prepack`
// writes it into package.json and `postpack` takes it back. npm never packs a file *.orig.
const manifest = fileURLToPath(new URL('../package.json', import.meta.url));
const original = `${manifest}.orig`;

interface Manifest {
  readonly publishConfig?: object;
}

if (process.argv[2] === 'restore') {
  await rename(original, manifest);
} else {
  // One that is there was left by a pack that broke off.
  if (!existsSync(original)) await copyFile(manifest, original);
  const { publishConfig, ...rest } = JSON.parse(await readFile(original, 'utf8')) as Manifest;
  await writeFile(manifest, `${JSON.stringify({ ...rest, ...publishConfig }, undefined, 2)}\n`);
}
