/**
 * Temporal shares the calls of a queue out between fairness keys, and shows them with each task: one for each bearer, that
 * names nobody. Workflow code has neither a key nor a cryptographic hash, so the worker brings a salt made of
 * `ADMISSION_ID_KEY`, and it is mixed in before and after the ARN: from one's own key nobody gets back to the salt. Without
 * it, as with ids, whoever knows ARNs can compute the keys. Always 14 ASCII characters: more than 64 bytes would fail the
 * workflow task for ever.
 */
export function fairnessKey(bearer: string, salt = ''): string {
  return mixed(`${salt}/${bearer}/${salt}`).toString(16).padStart(14, '0');
}

/** cyrb53 by bryc, in the public domain: 53 bits, well spread. */
function mixed(text: string): number {
  let [a, b] = [0xdeadbeef, 0x41c6ce57];
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0;
    a = Math.imul(a ^ code, 2654435761);
    b = Math.imul(b ^ code, 1597334677);
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  return 4294967296 * (2097151 & b) + (a >>> 0);
}
