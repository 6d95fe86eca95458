import { randomUUID } from 'node:crypto';
import { importJWK, SignJWT } from 'jose';
import { expect } from 'vitest';
import type { CommandToProve } from '../../src/domain/actor.ts';
import { createKeyPair, type KeyPair } from '../../src/identity/signer.ts';
import { createProver } from '../../src/identity/prover.ts';
import { digestOf } from '../../src/identity/digest.ts';

const HOME = 'arn:aws:chime:us-east-1:111122223333:app-instance/home';
export const user = (name: string) => `${HOME}/user/${name}`;

/** What is proved in these tests: mona approves a request. */
export const APPROVE: CommandToProve = {
  command: 'review',
  workflowId: 'join:board:alice:50faced9',
  payload: { decision: 'approve', comment: 'welcome' },
  requestDigest: digestOf({ memberArn: user('alice') }),
  requestedAt: '2026-11-23T10:00:00.000Z',
};

export const key: KeyPair = await createKeyPair();

export const seconds = () => Math.floor(Date.now() / 1_000);

/** The claims of a good assertion for `APPROVE` by mona. */
export function claimsOf(what: CommandToProve = APPROVE) {
  return {
    aud: 'channel-admission:default',
    sub: user('mona'),
    cmd: what.command,
    wid: what.workflowId,
    req: what.requestDigest,
    ask: what.requestedAt,
    pay: digestOf(what.payload),
    iat: seconds(),
    exp: seconds() + 60,
    jti: randomUUID(),
  };
}

export interface Forgery {
  /** Claims that differ from the good ones; `undefined` takes one out. */
  readonly claims?: Record<string, unknown>;
  readonly header?: Record<string, unknown>;
  readonly signedWith?: KeyPair['privateKey'];
}

/** Signs anything, as somebody does who does not use `createSigner`. */
export async function forge({ claims = {}, header = {}, signedWith = key.privateKey }: Forgery = {}): Promise<string> {
  const protectedHeader = { alg: 'EdDSA', typ: 'admission+jwt', kid: signedWith.kid, ...header };
  return new SignJWT({ ...claimsOf(), ...claims })
    .setProtectedHeader(protectedHeader)
    .sign(await importJWK({ ...signedWith }, 'EdDSA'));
}

/** A token of three parts as they are given, signed by nobody. */
export function rawToken(header: object, claims: object, signature = ''): string {
  return `${partOf(header)}.${partOf(claims)}.${signature}`;
}

export function partOf(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

export const header = (more: object = {}) => ({ alg: 'EdDSA', typ: 'admission+jwt', kid: key.publicKey.kid, ...more });

export function claimsIn(assertion: string) {
  const [, claims = ''] = assertion.split('.');
  return JSON.parse(Buffer.from(claims, 'base64url').toString()) as { iat: number; exp: number; jti: string };
}

/** A prover that knows these keys, and the tests' own one. */
export const proverWith = (...more: unknown[]) =>
  createProver({ keys: async () => [key.publicKey, ...more], trustClients: false });

export const mona = (assertion: string) => ({ principal: user('mona'), assertion });

export const refused = (message: RegExp) => ({
  code: 'Unauthenticated',
  field: 'actor.assertion',
  message: expect.stringMatching(message) as string,
  accepted: expect.stringMatching(/./) as string,
});
