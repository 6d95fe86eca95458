import { childArn } from './arns.ts';
import type { AppInstance } from './state.ts';

/** Turns the id of a user or bot, as written at a place of the seed, into an ARN. */
export type Resolve = (reference: string, place: string) => string;

/** A bare id stands for an entry that says nothing but its id. */
export function asEntry<T extends { id: string }>(value: string | T): T {
  return typeof value === 'string' ? ({ id: value } as T) : value;
}

export function timeOf(text: string | undefined): number {
  return text === undefined ? Date.now() : Date.parse(text);
}

/** A plain id means a user, then a bot; `user/` or `bot/` in front decides. */
export function resolver(instance: AppInstance, path: string, problems: string[]): Resolve {
  return (reference, place) => {
    const [kind, id = ''] = reference.includes('/') ? reference.split('/') : [undefined, reference];
    const candidates = [
      ...(kind === 'bot' ? [] : [childArn(instance.arn, 'user', id)]),
      ...(kind === 'user' ? [] : [childArn(instance.arn, 'bot', id)]),
    ];
    const found = candidates.find((arn) => instance.people.has(arn));
    if (found === undefined) {
      const known = [...instance.people.keys()].slice(0, 20).map((arn) => arn.slice(instance.arn.length + 1));
      problems.push(
        `${path}${place}: "${reference}" is no user or bot of its app instance; known: ${known.join(', ')}`,
      );
    }
    return found ?? '';
  };
}
