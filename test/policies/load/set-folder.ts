import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { formatIssue, loadPolicySet } from '../../../src/policies/load/load-policy-set.ts';
import type { PolicySet } from '../../../src/policies/policy-set.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** A folder as a user has one, with this package installed. */
export interface SetFolder {
  readonly path: string;
  write(name: string, text: string): Promise<void>;
  /** Writes and loads `admission.yaml`; throws what is wrong with it. */
  load(yaml: string): Promise<PolicySet>;
  /** Everything that is wrong with an `admission.yaml`, a line each, without the folder. */
  issues(yaml: string): Promise<string[]>;
  remove(): Promise<void>;
}

export async function createSetFolder(files: Record<string, string> = {}): Promise<SetFolder> {
  const path = await mkdtemp(join(tmpdir(), 'policy-set-'));
  const write = async (name: string, text: string) => {
    await mkdir(dirname(join(path, name)), { recursive: true });
    await writeFile(join(path, name), text);
  };
  const loaded = async (yaml: string) => {
    await write('admission.yaml', yaml);
    return loadPolicySet(join(path, 'admission.yaml'));
  };
  await linkPackage(path);
  for (const [name, text] of Object.entries(files)) await write(name, text);
  return {
    path,
    write,
    async load(yaml) {
      const found = await loaded(yaml);
      if (!found.ok) throw new Error(found.issues.map(formatIssue).join('\n'));
      return found.set;
    },
    async issues(yaml) {
      const found = await loaded(yaml);
      const issues = found.ok ? [] : found.issues;
      return issues.map((issue) => formatIssue(issue).replaceAll(`${path}/`, ''));
    },
    remove: () => rm(path, { recursive: true }),
  };
}

/** Makes `channel-admission/policy` mean the sources here for the files of a folder. */
export async function linkPackage(folder: string): Promise<void> {
  const link = join(folder, 'node_modules/channel-admission');
  await mkdir(dirname(link), { recursive: true });
  await rm(link, { force: true });
  await symlink(ROOT, link);
}

/** The text of a policy file, with changes; `deny('CODE')` is what it says. */
export function policyText(fields: Record<string, string> = {}): string {
  const all = {
    id: "'mine'",
    version: "'1.0.0'",
    title: "'Mine'",
    params: 'z.strictObject({})',
    facts: '[]',
    kind: "'pure'",
    evaluate: "() => deny('CODE', 'no')",
    ...fields,
  };
  const lines = Object.entries(all).map(([name, value]) => `  ${name}: ${value},`);
  return `import { definePolicy, deny, z } from 'channel-admission/policy';\nexport default definePolicy({\n${lines.join('\n')}\n});\n`;
}

/** A set of one binding, `mine`, with more lines below it. */
export function setOf(use: string, ...lines: readonly string[]): string {
  return [
    'apiVersion: admission/v1',
    'bindings:',
    '  - name: mine',
    `    use: ${use}`,
    ...lines.map((line) => `    ${line}`),
    '',
  ].join('\n');
}
