import { readFile, writeFile } from 'node:fs/promises';
import { format } from 'prettier';
import { errorsDoc } from './errors-markdown.ts';

const file = new URL('../docs/errors.md', import.meta.url);
const style = JSON.parse(await readFile(new URL('../.prettierrc.json', import.meta.url), 'utf8')) as object;
await writeFile(file, await format(errorsDoc(), { ...style, parser: 'markdown' }));
console.log('docs/errors.md is written.');
