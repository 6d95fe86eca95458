import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { z } from 'zod';
import { isUser } from '../../domain/arn.ts';
import { formatIssue } from '../../yaml/problem.ts';
import { parseYamlFile } from '../../yaml/yaml-file.ts';
import { problemsOf } from '../../yaml/zod-problems.ts';

/** The e-mail address of each user, by ARN. */
export const Addresses = z.record(
  z.string().refine(isUser, 'not the ARN of a user'),
  z.email('not an e-mail address').max(254),
);
export type Addresses = z.output<typeof Addresses>;

const files = new Map<string, { readonly version: string; readonly addresses: Addresses }>();

/** Reads a file of addresses, again whenever it has changed. Throws what is wrong with it. */
export async function readAddresses(file: string, folder: string): Promise<Addresses> {
  const path = resolve(folder, file);
  const { mtimeMs, size } = await stat(path).catch(() => {
    throw new Error(`there is no file ${file}`);
  });
  const version = `${mtimeMs} ${size}`;
  const known = files.get(path);
  if (known?.version === version) return known.addresses;
  const addresses = parse(await readFile(path, 'utf8'), file);
  files.set(path, { version, addresses });
  return addresses;
}

function parse(text: string, file: string): Addresses {
  const yaml = parseYamlFile(text, file);
  if (!yaml.ok) throw new Error(yaml.issues.map(formatIssue).join('\n'));
  const { value, issue } = yaml.yaml;
  const parsed = Addresses.safeParse(value);
  if (parsed.success) return parsed.data;
  const accepted = { '': 'a mapping from ARNs of users to e-mail addresses' };
  throw new Error(
    problemsOf(parsed.error, value, { accepted })
      .map((problem) => formatIssue(issue(problem)))
      .join('\n'),
  );
}
