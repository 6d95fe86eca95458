import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';

/** A certificate for 127.0.0.1, which nobody trusts unless told to, and its key. */
export const CERTIFICATE = await readFile(new URL('loopback.pem', import.meta.url), 'utf8');

/** A mail as the server took it. */
export interface ReceivedMail {
  readonly from: string;
  readonly to: readonly string[];
  /** Headers and body as they came, with the dots of the protocol taken out. */
  readonly data: string;
  readonly secure: boolean;
  /** Who was logged in. */
  readonly user?: string;
}

export interface TestSmtpServer {
  readonly url: string;
  readonly mails: readonly ReceivedMail[];
  /** Commands as they came, without the data and without passwords. */
  readonly commands: readonly string[];
  close(): Promise<void>;
}

export interface SmtpOptions {
  /** What the server says instead of taking a connection, a sender, a recipient or a mail, such as `550 no such user`. */
  readonly refuse?: (step: 'CONNECT' | 'MAIL' | 'RCPT' | 'DATA', address: string) => string | undefined;
  /** Whoever gives this (user, password) may send; without, nobody has to. */
  readonly login?: readonly [string, string];
  /** Offered (`STARTTLS`) or there from the first byte on (`smtps`); without, there is none. */
  readonly tls?: 'STARTTLS' | 'smtps';
}

/** An SMTP server on loopback that keeps what it takes, with refusals to order. */
export async function startSmtpServer({ refuse, login, tls }: SmtpOptions = {}): Promise<TestSmtpServer> {
  const mails: ReceivedMail[] = [];
  const commands: string[] = [];
  const refusal = (...step: Parameters<NonNullable<typeof refuse>>) => errorOf(refuse?.(...step));
  const server = new SMTPServer({
    secure: tls === 'smtps',
    key: CERTIFICATE,
    cert: CERTIFICATE,
    authMethods: ['PLAIN'],
    disabledCommands: [...(tls ? [] : ['STARTTLS']), ...(login ? [] : ['AUTH'])],
    disableReverseLookup: true,
    closeTimeout: 100,
    // The one place where the package shows commands that it does not understand.
    logger: { debug: ({ tnx }: { tnx: string }, _: string, line: string) => tnx === 'command' && commands.push(line) },
    onConnect: (_, done) => done(refusal('CONNECT', '')),
    onAuth: ({ username, password }, _, done) =>
      username === login?.[0] && password === login?.[1]
        ? done(null, { user: username })
        : done(errorOf('535 wrong user or password')),
    onMailFrom: ({ address }, _, done) => done(refusal('MAIL', address)),
    onRcptTo: ({ address }, _, done) => done(refusal('RCPT', address)),
    async onData(stream, { envelope, secure, user }, done) {
      const data = await text(stream);
      const from = envelope.mailFrom ? envelope.mailFrom.address : '';
      const refused = refusal('DATA', from);
      if (!refused) mails.push({ from, to: envelope.rcptTo.map(({ address }) => address), data, secure, user });
      done(refused);
    },
  });
  // A client that does not trust the certificate breaks off, which is an error to the server.
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.server.address() as AddressInfo;
  return {
    url: `${tls === 'smtps' ? 'smtps' : 'smtp'}://127.0.0.1:${port}`,
    mails,
    commands,
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}

function errorOf(answer: string | undefined): Error | null {
  const [, code, words] = /^(\d{3}) (.+)$/.exec(answer ?? '') ?? [];
  return code ? Object.assign(new Error(words), { responseCode: Number(code) }) : null;
}
