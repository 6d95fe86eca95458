import { createHash } from 'node:crypto';
import type { DefaultVerdict } from '../domain/admission.ts';
import { bind, type PolicyBinding } from './binding.ts';
import { builtIns } from './built-ins.ts';
import type { FactProvider } from './policy.ts';

/** Whether open requests are evaluated again when a worker comes with another set. */
export type OnPolicyChange = 'keep' | 'reevaluate';

export interface PolicySet {
  readonly bindings: readonly PolicyBinding[];
  readonly defaultVerdict: DefaultVerdict;
  readonly onPolicyChange: OnPolicyChange;
  /** SHA-256 over everything that can change a decision, recorded with each. */
  readonly digest: string;
  /** The file it comes from; none for the embedded set. */
  readonly file?: string;
}

/** `fingerprint`: what else can change a decision, such as the text of the policies' files. */
export function createPolicySet(
  bindings: readonly PolicyBinding[],
  defaultVerdict: DefaultVerdict = 'deny',
  {
    onPolicyChange = 'keep',
    file,
    fingerprint = '',
  }: { onPolicyChange?: OnPolicyChange; file?: string; fingerprint?: string } = {},
): PolicySet {
  const digest = digestOf(bindings, defaultVerdict, fingerprint);
  return { bindings, defaultVerdict, onPolicyChange, digest, ...(file === undefined ? {} : { file }) };
}

/** The set that counts where no file says otherwise. */
export function embeddedPolicySet(): PolicySet {
  return createPolicySet(['privacy', 'ban', 'sub-channel', 'hidden-approval'].map((id) => bind(builtIn(id))));
}

/** The first 12 digits of the digest, as decisions carry it. */
export function shortDigest({ digest }: PolicySet): string {
  return digest.slice(0, 12);
}

/** The facts that the policies of a set bring with them. */
export function ownFacts({ bindings }: PolicySet): Map<string, FactProvider<unknown>> {
  return new Map(bindings.flatMap(({ policy }) => Object.entries(policy.provides ?? {})));
}

function builtIn(id: string) {
  const policy = builtIns.find((one) => one.id === id);
  if (!policy) throw new Error(`there is no built-in policy ${id}`);
  return policy;
}

function digestOf(bindings: readonly PolicyBinding[], defaultVerdict: DefaultVerdict, fingerprint: string): string {
  const described = bindings.map(({ policy, matchConditions, ...rest }) => ({
    ...rest,
    policy: `${policy.id}@${policy.version}`,
    matchConditions: matchConditions.map(({ name, program }) => ({ name, expression: program.source })),
  }));
  return createHash('sha256').update(JSON.stringify({ defaultVerdict, described, fingerprint })).digest('hex');
}
