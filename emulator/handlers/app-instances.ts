import { randomUUID } from 'node:crypto';
import { instanceArn } from '../arns.ts';
import type { Call, Handlers, Output } from '../call.ts';
import { absent, isFailure, type Failure } from '../failure.ts';
import { optionalText, text } from '../input.ts';
import { listing } from '../page.ts';
import type { AppInstance } from '../state.ts';
import { seconds } from '../views.ts';

/** The app instance a call names, or the refusal its operation models. */
export function namedInstance(call: Call): AppInstance | Failure {
  const arn = text(call.input, 'AppInstanceArn');
  return call.world.state.get(arn) ?? absent(call.operation, `${arn} does not exist`);
}

function summary({ arn, name, metadata }: AppInstance): Output {
  return { AppInstanceArn: arn, Name: name, Metadata: metadata };
}

function create({ input, world }: Call): Output {
  const token = text(input, 'ClientRequestToken');
  const earlier = [...world.state.values()].find((each) => each.token === token);
  if (earlier) return { AppInstanceArn: earlier.arn };
  const arn = instanceArn(randomUUID());
  const now = Date.now();
  world.state.set(arn, {
    arn,
    token,
    name: text(input, 'Name'),
    metadata: optionalText(input, 'Metadata'),
    createdAt: now,
    updatedAt: now,
    people: new Map(),
    admins: new Map(),
    channels: new Map(),
  });
  return { AppInstanceArn: arn };
}

function describe(call: Call): Output | Failure {
  const instance = namedInstance(call);
  if (isFailure(instance)) return instance;
  const { createdAt, updatedAt } = instance;
  return {
    AppInstance: {
      ...summary(instance),
      CreatedTimestamp: seconds(createdAt),
      LastUpdatedTimestamp: seconds(updatedAt),
    },
  };
}

function update(call: Call): Output | Failure {
  const instance = namedInstance(call);
  if (isFailure(instance)) return instance;
  instance.name = text(call.input, 'Name');
  instance.metadata = text(call.input, 'Metadata');
  instance.updatedAt = Date.now();
  return { AppInstanceArn: instance.arn };
}

function list(call: Call): Output | Failure {
  return listing(call, { key: 'AppInstances', items: call.world.state.values(), view: summary });
}

function remove({ input, world }: Call): Output {
  world.state.delete(text(input, 'AppInstanceArn'));
  return {};
}

export const appInstanceHandlers: Handlers<Call> = {
  CreateAppInstance: create,
  DescribeAppInstance: describe,
  UpdateAppInstance: update,
  ListAppInstances: list,
  DeleteAppInstance: remove,
};
