import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';

/**
 * SHA-256, in hex, of the canonical JSON of a value (RFC 8785): signers in any language come to the same digest. What JSON
 * does not have (`undefined`) is left out. Throws where the value has no canonical JSON: `Bounds` keeps such inputs out.
 */
export function digestOf(value: unknown): string {
  return createHash('sha256')
    .update(canonicalize(value) ?? 'null')
    .digest('hex');
}
