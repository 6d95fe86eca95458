import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { ActorCommandName, CommandOf } from '../../src/domain/commands.ts';
import { parseJoinRequest } from '../../src/domain/request.ts';
import type { JoinRequest } from '../../src/domain/request.ts';
import { subjectOf } from '../../src/domain/subject.ts';
import { digestOf } from '../../src/identity/digest.ts';
import { createKeyPair, createSigner, type KeyPair } from '../../src/identity/signer.ts';
import { addKey } from '../../src/identity/key-set-file.ts';
import type { PolicySet } from '../../src/policies/policy-set.ts';
import { requestId } from '../../src/workflow-id.ts';
import { startAdmission, valueOf } from '../support/admission.ts';

export type ReviewContent = Omit<CommandOf<'review'>, 'actor'>;
export const APPROVE: ReviewContent = { decision: 'approve' };
export const DENY: ReviewContent = { decision: 'deny' };

/** How an assertion differs from the good one: by the gateway, in the name of who is meant, for a minute. */
interface Signing {
  readonly key?: KeyPair;
  readonly as?: string;
  readonly lifetime?: number;
}

export type SignedAdmission = Awaited<ReturnType<typeof startSignedAdmission>>;

/** An admission system that trusts nobody, the keys that it knows, and ways to give commands with any assertion. */
export async function startSignedAdmission(
  policySet?: PolicySet,
  { worker = true, env = {} }: { worker?: boolean; env?: Record<string, string> } = {},
) {
  const folder = await mkdtemp(join(tmpdir(), 'identity-'));
  const jwks = join(folder, 'jwks.json');
  const [gateway, strange] = [await createKeyPair(), await createKeyPair()];
  await addKey(jwks, gateway.publicKey);
  const settings = { ADMISSION_TRUST_CLIENTS: 'false', ADMISSION_ASSERTION_KEYS: jwks, ...env };
  const admission = await startAdmission(settings, { worker, ...(policySet ? { policySet } : {}) });
  const { service, emulator } = admission;
  const user = (name: string) => emulator.user(name);
  const personal = async (name: string) => {
    const pair = await createKeyPair(user(name));
    await addKey(jwks, pair.publicKey);
    return pair;
  };
  const keys = { gateway, strange, ofMax: await personal('max'), ofCarol: await personal('carol') };
  const shown = async (id: string) => valueOf(await service.show(id));

  const assertionOfJoin = async (request: JoinRequest, signing: Signing = {}) => {
    const { key = gateway, as = request.requestedBy, lifetime = 60 } = signing;
    const workflowId = requestId(request);
    const what = { command: 'requestJoin', workflowId, payload: request, requestDigest: digestOf(request) };
    return createSigner(key.privateKey, { lifetime })(as, what);
  };

  const assertionOf = async (command: string, id: string, payload: object, signing: Signing = {}) => {
    const { key = gateway, as = user('mona'), lifetime = 60 } = signing;
    const view = await shown(id);
    const requestDigest = digestOf(subjectOf(command as ActorCommandName, payload, view));
    const what = { command, workflowId: id, payload, requestDigest, requestedAt: view.requestedAt };
    return createSigner(key.privateKey, { lifetime })(as, what);
  };

  /** A request of a member of its own for a private channel. */
  const requestOf = (memberArn: string, more: object = {}) => {
    const parsed = parseJoinRequest({ channelArn: emulator.channel('board'), memberArn, ...more });
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues));
    return parsed.value;
  };

  return {
    ...admission,
    jwks,
    keys,
    /** A key that proves this user and nobody else. */
    personal,
    user,
    shown,
    requestOf,
    assertionOf,
    assertionOfJoin,
    /** A key of one's own under the id of the gateway's. */
    counterfeit: { ...strange, privateKey: { ...strange.privateKey, kid: gateway.publicKey.kid } },

    join: (request: JoinRequest, assertion?: string) =>
      service.join(assertion ? { ...request, actor: { principal: request.requestedBy, assertion } } : request),

    /** Asks with a good assertion, and gives the id of the request, which then waits for people. */
    async ask(member: string) {
      const request = requestOf(member);
      const actor = { principal: member, assertion: await assertionOfJoin(request) };
      const { id, state } = valueOf(await service.join({ ...request, actor }));
      expect(state).toBe('pending');
      return id;
    },

    review: (id: string, assertion: string | undefined, content = APPROVE, principal = user('mona')) =>
      service.review(id, { ...content, actor: { principal, ...(assertion ? { assertion } : {}) } }),

    async close() {
      await admission.close();
      await rm(folder, { recursive: true });
    },
  };
}

export const refusedBy = (message: RegExp) => ({
  code: 'Unauthenticated',
  field: 'actor.assertion',
  message: expect.stringMatching(message) as string,
});
