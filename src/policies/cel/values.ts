import {
  celError,
  isCelError,
  isCelList,
  isCelMap,
  isCelType,
  isCelUint,
  type CelError,
  type CelInput,
  type CelValue,
} from '@bufbuild/cel';
import { MAX_ELEMENTS, textOf, timestampOf } from './environment.ts';

const MAX_DEPTH = 50;

/** JSON as CEL sees it, in copies; an error where it cannot be taken, to be met by who reads it. */
export function toCel(name: string, json: unknown): CelInput | CelError {
  try {
    return converted(json, MAX_DEPTH);
  } catch (error) {
    return celError(`${name}: ${isCelError(error) || error instanceof Error ? error.message : 'is no value'}`);
  }
}

function converted(json: unknown, depth: number): CelInput {
  if (depth === 0) throw new Error(`is nested deeper than ${MAX_DEPTH}`);
  if (json === null || typeof json === 'string' || typeof json === 'boolean' || typeof json === 'bigint') return json;
  // Whole numbers become ints, so that they go with the literals people write.
  if (typeof json === 'number') return Number.isSafeInteger(json) ? BigInt(json) : json;
  if (json instanceof Date) return timestampOf(json);
  if (Array.isArray(json)) {
    if (json.length > MAX_ELEMENTS) {
      throw new Error(`a list of ${json.length} elements; at most ${MAX_ELEMENTS} are allowed`);
    }
    return json.map((element: unknown) => converted(element, depth - 1));
  }
  if (typeof json !== 'object') throw new Error(`${typeof json} is not JSON`);
  // A Map has no prototype whose members an expression could reach.
  const entries = Object.entries(json).filter(([, value]) => value !== undefined);
  return new Map(entries.map(([key, value]) => [key, converted(value, depth - 1)]));
}

export interface Limits {
  readonly characters: number;
  readonly elements: number;
  readonly depth: number;
}

const NO_LIMITS: Limits = { characters: Infinity, elements: Infinity, depth: Infinity };

/** A value of CEL as JSON: ints that JavaScript cannot hold, timestamps and durations become texts. */
export function toJson(value: CelValue, limits: Limits = NO_LIMITS): unknown {
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'string') return cut(value, limits.characters);
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (isCelUint(value)) return toJson(value.value, limits);
  if (value instanceof Uint8Array) return cut(Buffer.from(value).toString('base64'), limits.characters);
  if (isCelList(value)) return listToJson(value, value.size, limits);
  if (isCelMap(value)) return mapToJson(value, value.size, limits);
  return cut(isCelType(value) ? value.name : textOf(value), limits.characters);
}

function listToJson(list: Iterable<CelValue>, size: number, limits: Limits): unknown {
  if (limits.depth === 0) return `a list of ${size}`;
  const inside = { ...limits, depth: limits.depth - 1 };
  const elements = first(list, limits.elements).map((element) => toJson(element, inside));
  return size > limits.elements ? [...elements, `… ${size - limits.elements} more`] : elements;
}

function mapToJson(map: Iterable<[CelValue, CelValue]>, size: number, limits: Limits): unknown {
  if (limits.depth === 0) return `a map of ${size}`;
  const inside = { ...limits, depth: limits.depth - 1 };
  const entries = first(map, limits.elements).map(([key, value]) => [
    String(toJson(key, limits)),
    toJson(value, inside),
  ]);
  if (size > limits.elements) entries.push(['…', `${size - limits.elements} more`]);
  return Object.fromEntries(entries);
}

function first<T>(values: Iterable<T>, count: number): T[] {
  const taken: T[] = [];
  for (const value of values) {
    if (taken.length >= count) break;
    taken.push(value);
  }
  return taken;
}

export function cut(text: string, characters: number): string {
  return text.length > characters ? `${text.slice(0, characters - 1)}…` : text;
}
