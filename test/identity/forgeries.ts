import { createHmac } from 'node:crypto';
import { generateKeyPair, importJWK, SignJWT } from 'jose';
import { createKeyPair } from '../../src/identity/signer.ts';
import { claimsOf, forge, header, key, partOf, rawToken, user } from './support.ts';

export async function forgedWithOtherKey(): Promise<string> {
  const { privateKey } = await createKeyPair();
  return forge({ signedWith: { ...privateKey, kid: key.publicKey.kid } });
}

/** A good signature of carol, under claims that say mona. */
export async function tampered(): Promise<string> {
  const [head, , signature] = (await forge({ claims: { sub: user('carol') } })).split('.');
  return `${head}.${partOf(claimsOf())}.${signature}`;
}

/** The oldest trick: whoever takes the public key for an HMAC secret believes this. */
export async function hmacWithPublicKey(): Promise<string> {
  const unsigned = rawToken(header({ alg: 'HS256' }), claimsOf()).slice(0, -1);
  const secret = Buffer.from(key.publicKey.x, 'base64url');
  return `${unsigned}.${createHmac('sha256', secret).update(unsigned).digest('base64url')}`;
}

export async function signedWithEcdsa(): Promise<string> {
  const { privateKey } = await generateKeyPair('ES256');
  return new SignJWT(claimsOf()).setProtectedHeader({ ...header(), alg: 'ES256' }).sign(privateKey);
}

/** Signed as it should be, over claims that `SignJWT` would not take. */
export async function resigned(claims: unknown): Promise<string> {
  const text = typeof claims === 'string' ? claims : JSON.stringify(claims);
  const unsigned = `${partOf(header())}.${Buffer.from(text).toString('base64url')}`;
  const privateKey = await importJWK({ ...key.privateKey, kty: 'OKP' }, 'EdDSA');
  const signature = await crypto.subtle.sign('Ed25519', privateKey, Buffer.from(unsigned));
  return `${unsigned}.${Buffer.from(signature).toString('base64url')}`;
}
