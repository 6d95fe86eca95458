import type { Call, Handlers, Output } from '../call.ts';
import { absent, conflict, isFailure, type Failure } from '../failure.ts';
import { text } from '../input.ts';
import { listing } from '../page.ts';
import { identityView, seconds } from '../views.ts';
import { namedInstance } from './app-instances.ts';

const member = 'AppInstanceAdminArn';

function create(call: Call): Output | Failure {
  const instance = namedInstance(call);
  if (isFailure(instance)) return instance;
  const arn = text(call.input, member);
  if (!instance.people.has(arn)) return absent(call.operation, `${arn} does not exist in the app instance`);
  if (instance.admins.has(arn)) return conflict(`${arn} is already an admin of the app instance`);
  instance.admins.set(arn, Date.now());
  return { AppInstanceArn: instance.arn, AppInstanceAdmin: identityView(instance, arn) };
}

function describe(call: Call): Output | Failure {
  const instance = namedInstance(call);
  if (isFailure(instance)) return instance;
  const arn = text(call.input, member);
  const createdAt = instance.admins.get(arn);
  if (createdAt === undefined) return absent(call.operation, `${arn} is not an admin of the app instance`);
  return {
    AppInstanceAdmin: {
      Admin: identityView(instance, arn),
      AppInstanceArn: instance.arn,
      CreatedTimestamp: seconds(createdAt),
    },
  };
}

function list(call: Call): Output | Failure {
  const instance = namedInstance(call);
  if (isFailure(instance)) return instance;
  return listing(call, {
    key: 'AppInstanceAdmins',
    items: instance.admins.keys(),
    view: (arn) => ({ Admin: identityView(instance, arn) }),
    extra: { AppInstanceArn: instance.arn },
  });
}

function remove(call: Call): Output | Failure {
  const instance = namedInstance(call);
  if (isFailure(instance)) return instance;
  instance.admins.delete(text(call.input, member));
  return {};
}

export const adminHandlers: Handlers<Call> = {
  CreateAppInstanceAdmin: create,
  DescribeAppInstanceAdmin: describe,
  ListAppInstanceAdmins: list,
  DeleteAppInstanceAdmin: remove,
};
