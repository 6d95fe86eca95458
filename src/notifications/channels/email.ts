import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { createTransport } from 'nodemailer';
import { z } from 'zod';
import { isUser } from '../../domain/arn.ts';
import { isLoopback } from '../../domain/fixed-url.ts';
import { formatIssue } from '../../yaml/problem.ts';
import { parseYamlFile } from '../../yaml/yaml-file.ts';
import { problemsOf } from '../../yaml/zod-problems.ts';
import { defineChannel, FinalDeliveryError, type Message } from '../channel.ts';

/** The e-mail address of each user, by ARN. */
const Addresses = z.record(
  z.string().refine(isUser, 'not the ARN of a user'),
  z.email('not an e-mail address').max(254),
);
type Addresses = z.output<typeof Addresses>;

const files = new Map<string, { readonly version: string; readonly addresses: Addresses }>();

/** Reads a file of addresses, again whenever it has changed. Throws what is wrong with it. */
async function readAddresses(file: string, folder: string): Promise<Addresses> {
  const path = resolve(folder, file);
  const { mtimeMs, size } = await stat(path).catch(() => {
    throw new Error(`there is no file ${file}`);
  });
  const version = `${mtimeMs} ${size}`;
  const known = files.get(path);
  if (known?.version === version) return known.addresses;
  const addresses = parse(await readFile(path, 'utf8'), file);
  files.set(path, { version, addresses });
  return addresses;
}

function parse(text: string, file: string): Addresses {
  const yaml = parseYamlFile(text, file);
  if (!yaml.ok) throw new Error(yaml.issues.map(formatIssue).join('\n'));
  const { value, issue } = yaml.yaml;
  const parsed = Addresses.safeParse(value);
  if (parsed.success) return parsed.data;
  const accepted = { '': 'a mapping from ARNs of users to e-mail addresses' };
  throw new Error(
    problemsOf(parsed.error, value, { accepted })
      .map((problem) => formatIssue(issue(problem)))
      .join('\n'),
  );
}

/** Of one step of the protocol, and of all of them: less than an attempt of the outbox. */
const STEP_MS = 10_000;
const MAIL_MS = 25_000;

const Email = z.email('not an e-mail address').max(254);

const Smtp = z.string().refine((text) => {
  const url = URL.parse(text);
  if (!url?.hostname || !/^smtps?:$/.test(url.protocol)) return false;
  return !url.username && !url.password && !url.search && !url.hash && /^\/?$/.test(url.pathname);
}, 'not smtp://HOST:PORT or smtps://HOST:PORT without credentials');

const Params = z
  .strictObject({
    smtp: Smtp,
    from: Email,
    fromName: z
      .string()
      .regex(/^[\p{L}\p{M}\p{N} .,'()_-]{1,100}$/u, "1 to 100 letters, digits, blanks and any of .,'()_-")
      .default('Channel Admission'),
    replyTo: Email.exactOptional(),
    user: z.string().min(1).max(254).exactOptional(),
    passwordEnv: z
      .string()
      .regex(/^[A-Z][A-Z0-9_]{0,127}$/, 'the name of an environment variable')
      .exactOptional(),
    /** Without TLS everybody on the way reads along; `optional` takes it where the server offers it. */
    tls: z.enum(['required', 'optional']).exactOptional(),
    addresses: Addresses.exactOptional(),
    addressesFrom: z.string().min(1).exactOptional(),
  })
  .refine(({ addresses, addressesFrom }) => (addresses === undefined) !== (addressesFrom === undefined), {
    path: ['addresses'],
    message: 'either addresses or addressesFrom is needed',
  })
  .refine(({ user, passwordEnv }) => (user === undefined) === (passwordEnv === undefined), {
    path: ['passwordEnv'],
    message: 'user and passwordEnv belong together',
  });
type Params = z.output<typeof Params>;

/** Sends each message as an e-mail of its own, so that nobody sees who else was told. */
export const email = defineChannel({
  id: 'email',
  params: Params,
  async check({ params, secret, folder }) {
    const { passwordEnv, addressesFrom } = params;
    const wrong = addressesFrom && (await readAddresses(addressesFrom, folder).then(() => undefined, String));
    return [
      ...(passwordEnv && !secret(passwordEnv)
        ? [{ path: ['passwordEnv'], message: `the environment variable that \`passwordEnv\` names has no secret` }]
        : []),
      ...(wrong ? [{ path: ['addressesFrom'], message: wrong }] : []),
    ];
  },
  async deliver(message, { params, secret, folder, signal }) {
    const { from, fromName, replyTo, addressesFrom } = params;
    const addresses = addressesFrom ? await readAddresses(addressesFrom, folder) : params.addresses;
    const address = addresses?.[message.to];
    if (address === undefined) throw new FinalDeliveryError(`no e-mail address is known of ${message.to}`);
    const transport = createTransport(connection(params, secret));
    try {
      await transport.sendMail({
        from: { name: fromName, address: from },
        // As an object it is one recipient, whatever stands in it.
        to: { name: '', address },
        ...(replyTo === undefined ? {} : { replyTo: { name: '', address: replyTo } }),
        subject: message.subject,
        text: textOf(message),
        html: htmlOf(message),
        // Sent again, it is the same e-mail: many mailboxes show it once.
        messageId: `<${message.id}@${from.split('@').at(-1)}>`,
        date: new Date(message.at),
        headers: HEADERS,
        signal: AbortSignal.any([signal, AbortSignal.timeout(MAIL_MS)]),
      });
    } catch (error) {
      throw isRefused(error) ? new FinalDeliveryError((error as Error).message) : error;
    } finally {
      transport.close();
    }
  },
});

/** No out-of-office answers. */
const HEADERS = { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' };

function connection({ smtp, user, passwordEnv, tls }: Params, secret: (variable: string) => string | undefined) {
  const url = new URL(smtp);
  const secure = url.protocol === 'smtps:';
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port || (secure ? 465 : 587)),
    secure,
    requireTLS: !secure && (tls === undefined ? !isLoopback(url) : tls === 'required'),
    // Nobody reads along on the way to a relay on loopback, and its certificate is often of its own making.
    ignoreTLS: tls === undefined && isLoopback(url),
    ...(user === undefined ? {} : { auth: { user, pass: secret(passwordEnv ?? '') ?? '' } }),
    connectionTimeout: STEP_MS,
    greetingTimeout: STEP_MS,
    socketTimeout: STEP_MS,
    dnsTimeout: STEP_MS,
    // Nothing of a message is ever read from a file or fetched.
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

/** The text of an e-mail; the link stands on a line of its own. */
export function textOf({ text, link }: Message): string {
  return [...text, ...(link ? [link] : [])].join('\n\n');
}

/** The same as HTML. What people wrote stays text. */
function htmlOf({ text, link }: Message): string {
  const paragraphs = text.map((line) => `<p>${escape(line)}</p>`);
  const last = link ? [`<p><a href="${escape(link)}">${escape(link)}</a></p>`] : [];
  return ['<!doctype html>', '<html><body>', ...paragraphs, ...last, '</body></html>'].join('\n');
}

function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}

/** What nodemailer says of a failure. `permanent`: the server refused for good; `command`: what it refused. */
interface SmtpError {
  readonly permanent?: unknown;
  readonly command?: unknown;
}

/**
 * Whether the server refused this recipient or this message for good. A refused login or sender is configuration, which
 * an operator may mend while it is tried again.
 */
function isRefused(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { permanent, command } = error as SmtpError;
  return permanent === true && (command === 'RCPT TO' || command === 'DATA');
}
