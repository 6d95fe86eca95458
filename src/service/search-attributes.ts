import { defineSearchAttributeKey, type SearchAttributePair } from '@temporalio/common';
import proto from '@temporalio/proto';
import { SEARCH_ATTRIBUTES, type Attributes, type SearchAttribute } from '../domain/search-attributes.ts';
import type { TemporalAccess } from './connect.ts';
import { bad, good, type Result } from './result.ts';

const { IndexedValueType } = proto.temporal.api.enums.v1;

/** The parts of a connection to Temporal that are needed here; clients and workers both have them. */
export interface TemporalServices {
  readonly operatorService: {
    listSearchAttributes(request: object): Promise<{ customAttributes?: Record<string, number> | null }>;
    addSearchAttributes(request: object): Promise<unknown>;
  };
  readonly workflowService: { countWorkflowExecutions(request: object): Promise<unknown> };
}

export interface SearchAttributeState {
  readonly missing: readonly SearchAttribute[];
  readonly wrong: readonly { readonly name: SearchAttribute; readonly type: string; readonly needed: string }[];
}

const NAMES = Object.keys(SEARCH_ATTRIBUTES) as SearchAttribute[];

/** Compares what the namespace has with what is needed. Registering again never changes a type, so types are compared too. */
export async function searchAttributeState(
  { operatorService }: Pick<TemporalServices, 'operatorService'>,
  namespace: string,
): Promise<SearchAttributeState> {
  const { customAttributes } = await operatorService.listSearchAttributes({ namespace });
  const registered = customAttributes ?? {};
  return {
    missing: NAMES.filter((name) => registered[name] === undefined),
    wrong: NAMES.flatMap((name) => {
      const type = registered[name];
      return type === undefined || type === valueType(name)
        ? []
        : [{ name, type: typeName(type), needed: SEARCH_ATTRIBUTES[name] }];
    }),
  };
}

/** Registers what is missing and waits until it can be used, which takes seconds on some stores; throws after 30 s. */
export async function addSearchAttributes(
  services: TemporalServices,
  namespace: string,
  missing: readonly SearchAttribute[],
): Promise<void> {
  const searchAttributes = Object.fromEntries(missing.map((name) => [name, valueType(name)]));
  await services.operatorService.addSearchAttributes({ namespace, searchAttributes });
  const query = missing.map((name) => `${name} IS NULL`).join(' AND ');
  const giveUpAt = Date.now() + 30_000;
  for (;;) {
    try {
      await services.workflowService.countWorkflowExecutions({ namespace, query });
      return;
    } catch (error) {
      if (Date.now() > giveUpAt) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

/** Attributes as a start takes them. Keywords alone. */
export function keywordPairs(attributes: Attributes): SearchAttributePair[] {
  return Object.entries(attributes).map(([name, value]) => ({
    key: defineSearchAttributeKey(name, 'KEYWORD'),
    value: String(value),
  }));
}

function valueType(name: SearchAttribute): number {
  return IndexedValueType[`INDEXED_VALUE_TYPE_${SEARCH_ATTRIBUTES[name]}`];
}

function typeName(type: number): string {
  return (IndexedValueType[type] ?? 'UNKNOWN').replace('INDEXED_VALUE_TYPE_', '');
}

export interface SetUp {
  readonly namespace: string;
  readonly added: readonly string[];
  readonly present: readonly string[];
}

/** Makes a namespace ready for requests. An attribute of another type is an error: Temporal would keep that type. */
export async function setUp({ connection, namespace }: TemporalAccess): Promise<Result<SetUp>> {
  try {
    const { missing, wrong } = await searchAttributeState(connection, namespace);
    const [first] = wrong;
    if (first) {
      const { name, type, needed } = first;
      return bad({
        code: 'WrongSearchAttributeType',
        field: name,
        message: `The search attribute ${name} of namespace ${namespace} is ${type}, and Temporal cannot change that.`,
        accepted: `${needed}: remove it with \`temporal operator search-attribute remove --name ${name}\`, or use another namespace`,
      });
    }
    if (missing.length > 0) await addSearchAttributes(connection, namespace, missing);
    const added: readonly string[] = missing;
    return good({ namespace, added, present: Object.keys(SEARCH_ATTRIBUTES).filter((name) => !added.includes(name)) });
  } catch (error) {
    const message = `Search attributes of namespace ${namespace} cannot be set up: ${error instanceof Error ? error.message : String(error)}`;
    return bad({ code: 'SetupFailed', message, accepted: 'a namespace that exists, and the right to administer it' });
  }
}
