import type { TemporalAccess } from './connect.ts';
import { bad, good } from './result.ts';
import type { Result } from './result.ts';
import { SEARCH_ATTRIBUTES } from '../domain/search-attributes.ts';
import { addSearchAttributes, searchAttributeState } from './search-attributes.ts';

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
