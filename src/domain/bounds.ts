/** One thing that is wrong with an input: where, what, and what would be right. */
export interface FieldIssue {
  readonly field: string;
  readonly message: string;
  readonly accepted: string;
}

/** How big an input may be, before anything goes through it. */
export interface Bounds {
  /** Of all texts and names in it together. */
  readonly characters: number;
  readonly levels: number;
  /** Fields of objects and items of lists, all together. */
  readonly items: number;
  /**
   * It must have canonical JSON (RFC 8785), since its digest is signed: then halves of surrogate pairs and numbers that are
   * none are refused.
   */
  readonly canonical?: true;
}

/** Of a request or a command: an assertion, a reason, and answers. */
export const COMMAND_BOUNDS: Bounds = { characters: 64_000, levels: 32, items: 2_000, canonical: true };

/** Of an onboarding, with its flow. */
export const ONBOARDING_BOUNDS: Bounds = { characters: 150_000, levels: 50, items: 20_000, canonical: true };

/** Of an event, with all who are told of it: as many as a roster has, three times. */
export const EVENT_BOUNDS: Bounds = { characters: 1_000_000, levels: 8, items: 5_000 };

/** Such fields are never data: an object that takes them over gets fields which nobody checked. */
export const NEVER_FIELDS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * The first look at an input of unknown origin, and the only one before it is known to be small: what is wrong with its
 * size, its depth, the names of its fields or its texts. It stops at the first thing, needs no stack, and quotes next to nothing.
 */
export function boundsIssue(input: unknown, what: string, bounds: Bounds = COMMAND_BOUNDS): FieldIssue | undefined {
  const waiting: Place[] = [{ value: input, level: 0 }];
  let [characters, items] = [0, 0];
  for (let place = waiting.pop(); place; place = waiting.pop()) {
    const { value, level } = place;
    characters += sizeOf(value);
    if (bounds.canonical && !isCanonical(value)) return notCanonical(what, place);
    if (isWalked(value)) {
      if (level >= bounds.levels) return tooBig(what, bounds);
      const names = Array.isArray(value) ? [] : Object.keys(value);
      const never = names.find((name) => NEVER_FIELDS.has(name));
      if (never !== undefined) return unknownField(never, place);
      const broken = bounds.canonical ? names.find((name) => !isCanonical(name)) : undefined;
      if (broken !== undefined) return notCanonical(what, { ...place, name: broken, parent: place });
      items += Array.isArray(value) ? value.length : names.length;
      characters += names.reduce((sum, name) => sum + name.length, 0);
      if (items > bounds.items || characters > bounds.characters) return tooBig(what, bounds);
      const below = { parent: place, level: level + 1 };
      for (const [name, one] of Object.entries(value)) waiting.push({ ...below, name, value: one });
    }
    if (characters > bounds.characters) return tooBig(what, bounds);
  }
  return undefined;
}

/** A value, and where it stands. */
interface Place {
  readonly value: unknown;
  readonly level: number;
  readonly name?: string;
  readonly parent?: Place;
}

function sizeOf(value: unknown): number {
  if (typeof value === 'string') return value.length;
  return ArrayBuffer.isView(value) ? value.byteLength : 0;
}

function isWalked(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !ArrayBuffer.isView(value);
}

function tooBig(what: string, { characters, levels, items }: Bounds): FieldIssue {
  const accepted = `at most ${characters} characters, ${items} fields and items, ${levels} levels deep`;
  return { field: what, message: `${what} is too big`, accepted };
}

function unknownField(name: string, place: Place): FieldIssue {
  const field = [...pathOf(place), name].join('.');
  return { field, message: `unknown field ${name}`, accepted: 'any other name' };
}

function pathOf(place: Place): string[] {
  const path: string[] = [];
  for (let at: Place | undefined = place; at?.name !== undefined; at = at.parent) {
    path.unshift(cut(at.name, 40).toWellFormed());
  }
  return path;
}

/** A text with half of a surrogate pair is none in UTF-8; signers in other languages could not even write it. */
function isCanonical(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed();
  return typeof value !== 'number' || Number.isFinite(value);
}

function notCanonical(what: string, place: Place): FieldIssue {
  const field = pathOf(place).join('.') || what;
  return typeof place.value === 'number'
    ? { field, message: `${field} is ${place.value}`, accepted: 'a number of JSON' }
    : { field, message: `${field} has half of a surrogate pair`, accepted: 'well-formed Unicode' };
}

/** The beginning of a text, for people. */
export function cut(text: string, longest: number): string {
  return text.length > longest ? `${text.slice(0, longest).toWellFormed()}…` : text;
}

const MOST_ISSUES = 10;
const LONGEST_QUOTE = 300;

/** What is said of a bad input: a few issues, and of what came a little. It is recorded, and may not be big. */
export function fewIssues(issues: readonly FieldIssue[]): FieldIssue[] {
  return issues.slice(0, MOST_ISSUES).map(({ field, message, accepted }) => ({
    field: cut(field, 100),
    message: cut(message, LONGEST_QUOTE),
    accepted: cut(accepted, LONGEST_QUOTE),
  }));
}
