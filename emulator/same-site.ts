import type { IncomingHttpHeaders } from 'node:http';
import { plainAnswer, type Answer } from './answer.ts';

/** Names of this machine; a page from elsewhere that has its own name resolve to it has another one. */
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/i;

/**
 * Refuses what a web page of another site sends, or reads by having its own name resolve to this machine. AWS clients, the CLI
 * and tests send neither `Origin` nor `Sec-Fetch-Site`.
 */
export function refuseOtherSites({ host, origin, 'sec-fetch-site': site }: IncomingHttpHeaders): Answer | undefined {
  if (!isOurs(host)) return refused('Host', host, 'a loopback name or address, such as 127.0.0.1');
  if (origin !== undefined && !isOrigin(origin, host))
    return refused('Origin', origin, 'none, or that of the emulator');
  const sites = [undefined, 'same-origin', 'none'];
  return sites.includes(site?.toString())
    ? undefined
    : refused('Sec-Fetch-Site', site?.toString(), 'same-origin or none');
}

function isOurs(host: string | undefined): host is string {
  const [, name = ''] = /^(.*?)(?::\d+)?$/.exec(host ?? '') ?? [];
  return LOOPBACK.test(name);
}

function isOrigin(origin: string, host: string): boolean {
  return origin.toLowerCase() === `http://${host.toLowerCase()}`;
}

function refused(header: string, value: string | undefined, accepted: string): Answer {
  const message = `The emulator does not answer other sites: ${header} is ${JSON.stringify(value ?? null)}`;
  return plainAnswer(403, JSON.stringify({ error: { message, accepted } }));
}
