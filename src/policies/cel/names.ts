import type { JoinRequest } from '../../domain/request.ts';
import { isPresenceTest, partsOf, pathOf, type Expr, type CelProblem } from './ast.ts';
import { acceptedNames, closest } from '../../yaml/problem.ts';

/** What an expression may name. */
export interface Names {
  readonly facts: readonly string[];
  readonly params: boolean;
  /** It is about somebody who could review; then there are neither facts nor anything about the asking. */
  readonly reviewer: boolean;
}

const REQUEST: Record<keyof JoinRequest, true> = {
  channelArn: true,
  memberArn: true,
  type: true,
  subChannelId: true,
  chimeBearer: true,
  requestedBy: true,
  reason: true,
  term: true,
};

const REQUEST_NAMES = Object.keys(REQUEST).map((field) => `request.${field}`);
/** When, who asks now, and for what: names of plain values. */
const ABOUT_THE_ASKING = ['now', 'askedBy', 'purpose'];
const REVIEWER_NAMES = ['reviewer.arn', 'reviewer.id', 'reviewer.roles'];

/** Names of types are values of CEL, as in `type(x) == string`; `type` itself would be `request.type` gone wrong. */
const TYPES = ['bool', 'int', 'uint', 'double', 'string', 'bytes', 'list', 'map', 'null_type'];

/** Whether an expression is a name, and what is wrong with it if so. `variables`: of the loops around. */
export function checkName(
  expr: Expr,
  names: Names,
  variables: readonly string[],
): { readonly problem: CelProblem | undefined } | undefined {
  const path = pathOf(expr);
  const [root = ''] = path ?? [];
  if (!path || variables.includes(root)) return path && { problem: undefined };
  if (root === 'request') return { problem: fieldProblem(path, REQUEST_NAMES) };
  if (root === 'reviewer' && names.reviewer) return { problem: fieldProblem(path, REVIEWER_NAMES) };
  if (root === 'facts' && !names.reviewer) return { problem: factProblem(path, isPresenceTest(expr), names) };
  const isValue = (ABOUT_THE_ASKING.includes(root) && !names.reviewer) || TYPES.includes(root);
  if (isValue && path.length === 1) return { problem: undefined };
  if (root === 'params' && names.params) return { problem: undefined };
  return { problem: unknown(path.join('.'), root, names) };
}

/** Variables of loops must not hide what else has a name; those of loops around they may. */
export function checkVariable(name: string, names: Names): CelProblem | undefined {
  if (![...rootsOf(names), ...TYPES].includes(name)) return undefined;
  return { message: `the variable ${name} hides another name`, accepted: 'a variable with a name of its own' };
}

/** The names of the facts that an expression reads. */
export function factsIn(expr: Expr, names: Names): string[] {
  const path = pathOf(expr);
  const own = path?.[0] === 'facts' ? factOf(path, names) : undefined;
  return own === undefined ? [...new Set(partsOf(expr).flatMap((part) => factsIn(part, names)))] : [own];
}

/** The fact that a path begins with: the longest name counts. */
function factOf([, ...path]: readonly string[], { facts }: Names): string | undefined {
  const text = path.join('.');
  const found = facts.filter((name) => text === name || text.startsWith(`${name}.`));
  return found.toSorted((a, b) => b.length - a.length)[0];
}

function factProblem(path: readonly string[], presenceTest: boolean, names: Names): CelProblem | undefined {
  const text = path.join('.');
  const fact = factOf(path, names);
  if (fact === undefined) {
    const message = path.length === 1 ? 'facts alone is no value' : `unknown fact ${text.slice('facts.'.length)}`;
    return { message, accepted: acceptedNames(text, qualified(names.facts), closestFact(path, names)) };
  }
  if (!presenceTest || `facts.${fact}` !== text) return undefined;
  return { message: `has(${text}): a fact is always there`, accepted: `${text} != null, or has of a field in it` };
}

/** The fact that a path probably means, whatever field of it the path goes on to. */
function closestFact([, ...path]: readonly string[], { facts }: Names): string | undefined {
  const likely = facts.find((name) => closest(path.slice(0, name.split('.').length).join('.'), [name]) !== undefined);
  return likely === undefined ? undefined : `facts.${likely}`;
}

function qualified(facts: readonly string[]): string[] {
  return facts.map((name) => `facts.${name}`);
}

function fieldProblem(path: readonly string[], known: readonly string[]): CelProblem | undefined {
  const text = path.join('.');
  if (path.length === 1 || known.includes(text)) return undefined;
  return { message: `unknown field ${text}`, accepted: acceptedNames(text, known) };
}

function unknown(text: string, root: string, names: Names): CelProblem {
  const fields = names.reviewer ? REVIEWER_NAMES : [];
  const meant = [...fields, ...REQUEST_NAMES, ...qualified(names.facts)].find((name) =>
    `${name}.`.includes(`.${root}.`),
  );
  return { message: `unknown name ${text}`, accepted: acceptedNames(root, rootsOf(names), meant) };
}

function rootsOf({ params, reviewer }: Names): string[] {
  return reviewer ? ['reviewer', 'request'] : ['request', 'facts', ...ABOUT_THE_ASKING, ...(params ? ['params'] : [])];
}
