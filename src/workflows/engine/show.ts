import { defineSearchAttributeKey, type SearchAttributeUpdatePair } from '@temporalio/common';
import { log, setCurrentDetails, upsertMemo, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import {
  MAX_KEYWORD_LENGTH,
  SEARCH_ATTRIBUTES,
  type Attributes,
  type SearchAttribute,
} from '../../domain/search-attributes.ts';
import type { Shown } from './host.ts';

/** Shows a state in lists, in the memo and on its page. */
export interface Show<S> {
  /** Once a turn: each upsert is an event, so only what differs from what is there is written. */
  turn(state: S): void;
}

const NAMES = Object.keys(SEARCH_ATTRIBUTES) as SearchAttribute[];

/**
 * What is there at first is what the run was started with. A starter can write anything where this system shows how something
 * stands, and lists need no worker to show it: so it is compared, too, and what is not true is taken away. `first`: the state of a
 * first run as it begins.
 */
export function createShow<S>({ attributesOf, memoOf, pageOf, isPassing }: Shown<S>, first: S | undefined): Show<S> {
  const listed = listedAtFirst();
  const noted = notedAtFirst();
  const changes = (state: S) => ({
    attributes: differing(valuesOf(attributesOf(state)), listed),
    memo: differing(textsOf({ ...namesOnly(noted), ...memoOf?.(state) }), noted),
  });
  const writeLists = (state: S) => {
    const { attributes, memo } = changes(state);
    if (attributes.size > 0) upsertSearchAttributes([...attributes].map(([name, value]) => pairOf(name, value)));
    if (memo.size > 0) upsertMemo(memoFrom(memo));
    for (const [name, value] of attributes) listed.set(name, value);
    for (const [name, value] of memo) noted.set(name, value);
  };
  let isFirstShown: boolean | undefined;
  let last: S | undefined;
  return {
    turn(state) {
      if (state === last) return;
      // People see the page first of all: attributes that cannot be written stop what follows.
      setCurrentDetails(pageFor(state, pageOf));
      isFirstShown ??= first !== undefined && isEmpty(changes(first));
      isFirstShown &&= isPassing?.(state) === true;
      if (!isFirstShown) writeLists(state);
      last = state;
    },
  };
}

/** A page is no reason to stop: without it there are lists, queries and the history. */
function pageFor<S>(state: S, pageOf: (state: S) => string): string {
  try {
    return pageOf(state);
  } catch (error) {
    log.error('the page cannot be written', { error });
    return 'This page cannot be written: a fault of the worker, which its log tells. `admit show` tells how it stands.';
  }
}

/** What each name has, as it is compared: a text, or `null` for nothing. */
type Values<N extends string = string> = Map<N, string | null>;

function differing<N extends string>(next: Values<N>, before: Values<N>): Values<N> {
  return new Map([...next].filter(([name, value]) => (before.get(name) ?? null) !== value));
}

function isEmpty({ attributes, memo }: { readonly attributes: Values; readonly memo: Values }): boolean {
  return attributes.size === 0 && memo.size === 0;
}

function valuesOf(attributes: Attributes): Values<SearchAttribute> {
  return new Map(NAMES.map((name) => [name, textOf(name, attributes[name])]));
}

function textOf(name: SearchAttribute, value: Attributes[SearchAttribute]): string | null {
  if (value === undefined || value === null) return null;
  if (SEARCH_ATTRIBUTES[name] === 'KEYWORD') return String(value).slice(0, MAX_KEYWORD_LENGTH);
  return SEARCH_ATTRIBUTES[name] === 'DATETIME' ? new Date(String(value)).toISOString() : JSON.stringify(value);
}

function pairOf(name: SearchAttribute, text: string | null): SearchAttributeUpdatePair {
  const type = SEARCH_ATTRIBUTES[name];
  const key = defineSearchAttributeKey(name, type);
  if (text === null) return { key, value: null } as SearchAttributeUpdatePair;
  const value: unknown = { KEYWORD: () => text, DATETIME: () => new Date(text), KEYWORD_LIST: () => JSON.parse(text) }[
    type
  ]();
  return { key, value } as SearchAttributeUpdatePair;
}

function listedAtFirst(): Values<SearchAttribute> {
  const { typedSearchAttributes } = workflowInfo();
  return new Map(
    NAMES.map((name) => {
      const value: unknown = typedSearchAttributes.get(defineSearchAttributeKey(name, SEARCH_ATTRIBUTES[name]));
      return [name, textOf(name, (value instanceof Date ? value.toISOString() : value) as Attributes[SearchAttribute])];
    }),
  );
}

function textsOf(memo: Readonly<Record<string, unknown>>): Values {
  return new Map(Object.entries(memo).map(([name, value]) => [name, JSON.stringify(value ?? undefined) ?? null]));
}

function notedAtFirst(): Values {
  return textsOf(workflowInfo().memo ?? {});
}

function namesOnly(noted: Values): Record<string, undefined> {
  return Object.fromEntries([...noted.keys()].map((name) => [name, undefined]));
}

function memoFrom(memo: Values): Record<string, unknown> {
  return Object.fromEntries([...memo].map(([name, text]) => [name, text === null ? null : JSON.parse(text)]));
}
