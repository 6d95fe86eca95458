import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { fixtureTemplate, policyTemplate } from '../../../authoring/new-policy.ts';
import { print, printError } from '../../output.ts';

const FOLDER = 'policies';

export function addPoliciesNew(policies: Command): void {
  policies
    .command('new')
    .summary('begin a policy of your own')
    .description(
      `Writes ${FOLDER}/NAME.ts and ${FOLDER}/NAME.test.yaml in this folder: a policy that works and its fixtures, to be changed.`,
    )
    .argument('<name>', 'the name of the policy, in kebab-case')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExit codes: 0 written, 2 a bad name, or a file of that name is there (nothing is written).',
    )
    .action(begin);
}

async function begin(name: string, { json }: { json?: boolean }): Promise<void> {
  const { KEBAB } = await import('../../../policies/load/entries.ts');
  if (!KEBAB.test(name) || name.length > 64) {
    const accepted = 'a name in kebab-case, at most 64 characters, such as office-hours';
    return printError(json, {
      code: 'InvalidName',
      field: 'name',
      message: `${name} is no name of a policy`,
      accepted,
    });
  }
  const files = {
    [`${FOLDER}/${name}.ts`]: policyTemplate(name),
    [`${FOLDER}/${name}.test.yaml`]: fixtureTemplate(name),
  };
  const there = Object.keys(files).filter((file) => existsSync(file));
  if (there.length > 0) {
    const message = `${there.join(' and ')} ${there.length > 1 ? 'are' : 'is'} already there`;
    return printError(json, { code: 'FileExists', field: 'name', message, accepted: 'a name of its own' });
  }
  await mkdir(FOLDER, { recursive: true });
  for (const [file, text] of Object.entries(files)) await writeFile(file, text, { flag: 'wx' });
  const binding = { name, use: `./${FOLDER}/${name}.ts` };
  print(json, { files: Object.keys(files), binding }, () => [
    ...Object.keys(files).map((file) => `wrote ${file}`),
    '',
    'Try it:    admit policies test',
    'Use it:    add to the bindings of admission.yaml, and restart the worker:',
    `  - name: ${binding.name}`,
    `    use: ${binding.use}`,
  ]);
}
