const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

export const FIXED_URL = 'an https URL (http only for loopback) without placeholders, credentials or fragment';

/** Whether something is the address of a service that a file may name: nothing of a request ever gets into it. */
export function isFixedUrl(text: string): boolean {
  const url = URL.parse(text);
  if (!url || /[{}\s]/.test(text) || url.username || url.password || url.hash) return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url));
}

export function isLoopback({ hostname }: Pick<URL, 'hostname'>): boolean {
  return LOOPBACK.test(hostname);
}
