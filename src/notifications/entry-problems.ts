import { durationMs } from '../domain/duration.ts';
import { acceptedNames, type Problem } from '../yaml/problem.ts';
import type { NotificationsEntry } from './config-schema.ts';

/** What is wrong between the fields of a configuration. */
export function entryProblems({ channels, rules = [], operators, retry }: NotificationsEntry): Problem[] {
  const names = channels.map(({ name }) => name);
  const { initialInterval, maximumInterval } = retry;
  return [
    ...names.flatMap((name, index): Problem[] =>
      names.indexOf(name) === index
        ? []
        : [{ path: ['channels', index, 'name'], message: `there is another ${name}`, accepted: 'a name of its own' }],
    ),
    ...rules.flatMap(({ by, to }, index): Problem[] => [
      ...(names.includes(by)
        ? []
        : [{ path: ['rules', index, 'by'], message: `there is no channel ${by}`, accepted: acceptedNames(by, names) }]),
      ...(to.includes('operators') && operators.length === 0
        ? [{ path: ['rules', index, 'to'], message: 'there are no operators', accepted: 'operators: [ARN, …]' }]
        : []),
    ]),
    ...(durationMs(initialInterval) > durationMs(maximumInterval)
      ? [
          {
            path: ['retry', 'maximumInterval'],
            message: `is ${maximumInterval}`,
            accepted: `at least initialInterval, ${initialInterval}`,
          },
        ]
      : []),
  ];
}
