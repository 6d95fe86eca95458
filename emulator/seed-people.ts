import { childArn, instanceArn } from './arns.ts';
import { asEntry, resolver, timeOf } from './seed-references.ts';
import type { SeedInstance, SeedPerson } from './seed-schema.ts';
import type { AppInstance, Person } from './state.ts';

function personFromSeed(instance: string, kind: Person['kind'], seed: SeedPerson): Person {
  const createdAt = timeOf(seed.createdAt);
  return {
    arn: childArn(instance, kind, seed.id),
    kind,
    name: seed.name ?? seed.id,
    metadata: seed.metadata,
    configuration: seed.configuration,
    token: seed.clientRequestToken,
    createdAt,
    updatedAt: seed.updatedAt === undefined ? createdAt : timeOf(seed.updatedAt),
  };
}

function addPeople(
  instance: AppInstance,
  kind: Person['kind'],
  seeds: readonly SeedPerson[],
  report: (at: string) => void,
) {
  for (const [index, seed] of seeds.entries()) {
    const person = personFromSeed(instance.arn, kind, seed);
    if (instance.people.has(person.arn)) report(`${kind}s[${index}].id: "${seed.id}" is used twice`);
    instance.people.set(person.arn, person);
  }
}

/** Builds an app instance with its users, bots and admins; what is wrong goes to `problems`. */
export function instanceFromSeed(seed: SeedInstance, path: string, problems: string[]): AppInstance {
  const createdAt = timeOf(seed.createdAt);
  const instance: AppInstance = {
    arn: instanceArn(seed.id),
    name: seed.name ?? seed.id,
    metadata: seed.metadata,
    token: seed.clientRequestToken,
    createdAt,
    updatedAt: seed.updatedAt === undefined ? createdAt : timeOf(seed.updatedAt),
    people: new Map(),
    admins: new Map(),
    channels: new Map(),
  };
  const report = (problem: string) => problems.push(`${path}.${problem}`);
  addPeople(instance, 'user', seed.users, report);
  addPeople(instance, 'bot', seed.bots ?? [], report);
  const resolve = resolver(instance, `${path}.admins`, problems);
  for (const [index, value] of (seed.admins ?? []).entries()) {
    const { id, createdAt: since } = asEntry<{ id: string; createdAt?: string | undefined }>(value);
    instance.admins.set(resolve(id, `[${index}]`), timeOf(since));
  }
  return instance;
}
