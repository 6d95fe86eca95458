import { randomUUID } from 'node:crypto';
import { childArn, parseArn } from '../arns.ts';
import type { Call, Handlers, Output } from '../call.ts';
import { absent, conflict, isFailure, type Failure } from '../failure.ts';
import { optionalText, structure, text } from '../input.ts';
import { listing } from '../page.ts';
import { forgetPerson } from '../people.ts';
import type { AppInstance, Person } from '../state.ts';
import { seconds } from '../views.ts';
import { namedInstance } from './app-instances.ts';

type Kind = Person['kind'];

const labels = { user: 'AppInstanceUser', bot: 'AppInstanceBot' } as const;

function summary({ arn, kind, name, metadata }: Person): Output {
  return { [`${labels[kind]}Arn`]: arn, Name: name, Metadata: metadata };
}

function named(call: Call, kind: Kind): { instance: AppInstance; person: Person } | Failure {
  const arn = text(call.input, `${labels[kind]}Arn`);
  const instance = call.world.state.get(parseArn(arn)?.instance ?? '');
  const person = instance?.people.get(arn);
  return instance && person?.kind === kind ? { instance, person } : absent(call.operation, `${arn} does not exist`);
}

function create(call: Call, kind: Kind): Output | Failure {
  const { input } = call;
  const instance = namedInstance(call);
  if (isFailure(instance)) return instance;
  const token = text(input, 'ClientRequestToken');
  const key = `${labels[kind]}Arn`;
  const earlier = [...instance.people.values()].find((each) => each.token === token && each.kind === kind);
  if (earlier) return { [key]: earlier.arn };
  const arn = childArn(instance.arn, kind, kind === 'user' ? text(input, 'AppInstanceUserId') : randomUUID());
  if (instance.people.has(arn)) return conflict(`${arn} already exists`);
  const now = Date.now();
  instance.people.set(arn, {
    arn,
    kind,
    token,
    name: text(input, 'Name'),
    metadata: optionalText(input, 'Metadata'),
    configuration: structure(input, 'Configuration'),
    createdAt: now,
    updatedAt: now,
  });
  return { [key]: arn };
}

function describe(call: Call, kind: Kind): Output | Failure {
  const found = named(call, kind);
  if (isFailure(found)) return found;
  const { createdAt, updatedAt, configuration } = found.person;
  return {
    [labels[kind]]: {
      ...summary(found.person),
      Configuration: configuration,
      CreatedTimestamp: seconds(createdAt),
      LastUpdatedTimestamp: seconds(updatedAt),
    },
  };
}

function update(call: Call, kind: Kind): Output | Failure {
  const found = named(call, kind);
  if (isFailure(found)) return found;
  const { person } = found;
  person.name = text(call.input, 'Name');
  person.metadata = text(call.input, 'Metadata');
  person.configuration = structure(call.input, 'Configuration') ?? person.configuration;
  person.updatedAt = Date.now();
  return { [`${labels[kind]}Arn`]: person.arn };
}

function list(call: Call, kind: Kind): Output | Failure {
  const instance = namedInstance(call);
  if (isFailure(instance)) return instance;
  return listing(call, {
    key: `${labels[kind]}s`,
    items: [...instance.people.values()].filter((each) => each.kind === kind),
    view: summary,
    extra: { AppInstanceArn: instance.arn },
  });
}

function remove(call: Call, kind: Kind): Output {
  const found = named(call, kind);
  if ('person' in found) forgetPerson(found.instance, found.person.arn);
  return {};
}

export const peopleHandlers: Handlers<Call> = {
  CreateAppInstanceUser: (call) => create(call, 'user'),
  DescribeAppInstanceUser: (call) => describe(call, 'user'),
  UpdateAppInstanceUser: (call) => update(call, 'user'),
  ListAppInstanceUsers: (call) => list(call, 'user'),
  DeleteAppInstanceUser: (call) => remove(call, 'user'),
  CreateAppInstanceBot: (call) => create(call, 'bot'),
  DescribeAppInstanceBot: (call) => describe(call, 'bot'),
  UpdateAppInstanceBot: (call) => update(call, 'bot'),
  ListAppInstanceBots: (call) => list(call, 'bot'),
  DeleteAppInstanceBot: (call) => remove(call, 'bot'),
};
