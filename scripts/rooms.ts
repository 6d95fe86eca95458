/** A room: a folder below `src`, or a file that stands there by itself. */
interface Room {
  /** The rooms that it imports. Nothing else of this package, at whatever depth of its folders. */
  readonly imports: readonly string[];
  /** The only libraries that it imports, where that matters; each is a name, or the beginning of names. */
  readonly libraries?: readonly string[];
  /** Libraries that it never imports. */
  readonly never?: readonly string[];
  readonly why: string;
}

const TEMPORAL = ['@temporalio/*'];
const AWS = ['@aws-sdk/*'];
const READERS = ['domain', 'schemas', 'chime', 'identity', 'request-runs.ts', 'workflow-id.ts'];
const ALONE = { libraries: [], why: 'pure code, which stands alone' };

/** Who imports whom: lint refuses everything else. */
export const ROOMS: Readonly<Record<string, Room>> = {
  domain: { imports: [], ...ALONE },
  schemas: { imports: ['domain'], libraries: ['zod'], why: 'schemas know domain and zod' },
  workflows: {
    imports: ['domain'],
    libraries: ['@temporalio/workflow', '@temporalio/common'],
    why: 'the workflow sandbox imports @temporalio/workflow, @temporalio/common and domain; of activities, types alone',
  },
  yaml: { imports: ['domain', 'redact.ts'], never: [...TEMPORAL, ...AWS], why: 'yaml reads files and knows no room' },
  bounded: { imports: ['sibling-script.ts'], never: [...TEMPORAL, ...AWS], why: 'bounded runs what people wrote' },
  'json-schema': {
    imports: ['domain', 'bounded', 'sibling-script.ts'],
    never: [...TEMPORAL, ...AWS],
    why: 'json-schema knows domain, and runs in bounded',
  },
  chime: { imports: ['domain', 'schemas'], never: TEMPORAL, why: 'chime knows domain and the AWS SDK' },
  identity: {
    imports: ['domain', 'schemas'],
    never: [...TEMPORAL, ...AWS],
    why: 'identity knows domain, keys and assertions',
  },
  policies: {
    imports: ['domain', 'schemas', 'yaml', 'bounded', 'json-schema', 'sibling-script.ts', 'standard-webhooks.ts'],
    never: [...TEMPORAL, ...AWS],
    why: 'policies know domain, and the engines for what people wrote',
  },
  authoring: {
    imports: ['domain', 'schemas', 'yaml', 'policies'],
    never: [...TEMPORAL, ...AWS],
    why: 'authoring serves authors of policies, without a server',
  },
  notifications: {
    imports: ['domain', 'schemas', 'yaml', 'standard-webhooks.ts'],
    never: [...TEMPORAL, ...AWS],
    why: 'notifications know domain, libraries and yaml',
  },
  'flows.ts': {
    imports: ['domain', 'schemas', 'identity', 'json-schema', 'policies', 'yaml'],
    never: [...TEMPORAL, ...AWS],
    why: 'flows are read as policies are',
  },
  kit: {
    imports: ['domain', 'schemas', 'json-schema', 'policies', 'authoring', 'notifications', 'standard-webhooks.ts'],
    never: [...TEMPORAL, ...AWS],
    why: 'kit is what other packages import',
  },
  activities: {
    imports: [...READERS, 'json-schema', 'notifications', 'policies', 'flows.ts'],
    never: ['@temporalio/client'],
    why: 'activities know what they call; nothing but the worker knows them',
  },
  service: {
    imports: [...READERS, 'config.ts', 'redact.ts', 'readable-payloads.ts'],
    never: ['@temporalio/worker', '@temporalio/workflow', '@temporalio/activity'],
    why: 'service knows domain, chime and @temporalio/client',
  },
  stack: {
    imports: ['config.ts', 'package-files.ts', 'sibling-script.ts'],
    never: AWS,
    why: 'the local stack starts processes, and knows none of the rules',
  },
};

/** Where people begin: these import every room, but what only a worker runs. */
const ENDS: Room = {
  imports: [],
  never: [...TEMPORAL, ...AWS],
  why: 'go through src/service',
};

export const WORKERS = ['workflows', 'activities', 'worker-start.ts'];

/** The rules of lint for each room, for files at any depth. `all`: every room there is; `packages`: every library. */
export function fences(all: readonly string[], packages: readonly string[]) {
  const rooms = Object.entries({ ...ROOMS, cli: ENDS, demo: ENDS });
  return rooms.map(([name, room]) => {
    const refuse: ['error', object] = ['error', { patterns: patternsOf(name, room, all, packages) }];
    return {
      files: [isFile(name) ? `src/${name}` : `src/${name}/**`],
      rules: { 'typescript/no-restricted-imports': refuse },
    };
  });
}

function patternsOf(name: string, room: Room, all: readonly string[], packages: readonly string[]) {
  const { imports, libraries, never = [], why: message } = room;
  const refused = room === ENDS ? WORKERS : all.filter((other) => other !== name && !imports.includes(other));
  const typesOnly = name === 'workflows' ? ['activities'] : [];
  const unknown = libraries ? ['node:*', ...packages.filter((one) => !libraries.includes(one))] : [];
  return [
    { group: refused.filter((other) => !typesOnly.includes(other)).map(patternOf), message },
    ...typesOnly.map((other) => ({ group: [patternOf(other)], allowTypeImports: true, message })),
    ...[...never, ...unknown].map((one) => ({ regex: `^${one.replace('*', '.+')}(?:/|$)`, message })),
  ];
}

const isFile = (name: string) => name.endsWith('.ts');

/** Matches an import from any depth, `../policies/x.ts` as `../../policies/load/x.ts`; of files, only those of `src` itself. */
const patternOf = (name: string) => (isFile(name) ? `**/../${name}` : `**/${name}/**`);
