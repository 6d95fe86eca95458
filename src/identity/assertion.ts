import { z } from 'zod';

/** An assertion is a compact JWS (RFC 7515) with the claims below: short-lived, for one command about one request. */
export const ALGORITHM = 'EdDSA';
export const TYPE = 'admission+jwt';

/** For which deployment it is: nothing that is signed for one counts in another. */
export const audienceOf = (audience: string) => `channel-admission:${audience}`;
/** The name of Temporal's own default namespace. */
export const DEFAULT_AUDIENCE = 'default';

/** In seconds, as all times in an assertion. */
export const MAX_LIFETIME = 300;
export const DEFAULT_LIFETIME = 60;
/** How far the clocks of signer and worker may be apart. */
export const CLOCK_SKEW = 5;

export const Header = z.looseObject({
  alg: z.literal(ALGORITHM),
  typ: z.literal(TYPE),
  kid: z.string().min(1).max(200),
});
export type Header = z.infer<typeof Header>;

export const Claims = z.looseObject({
  /** Who gives the command. */
  sub: z.string(),
  /** Its name, and the digest of its content. */
  cmd: z.string(),
  pay: z.string(),
  /** The workflow id of the request, and the digest of what the command is about, as the actor saw it. */
  wid: z.string(),
  req: z.string(),
  /** When the request was asked for; none in the assertion of who asks. */
  ask: z.string().exactOptional(),
  iat: z.number(),
  exp: z.number(),
  /** Of this assertion: each counts once. */
  jti: z
    .string()
    .min(1)
    .max(128)
    .refine((id) => id.isWellFormed()),
});
export type Claims = z.infer<typeof Claims>;
