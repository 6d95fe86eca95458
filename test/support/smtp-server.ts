import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { createInterface } from 'node:readline';

/** A mail as the server took it. */
export interface ReceivedMail {
  readonly from: string;
  readonly to: readonly string[];
  /** Headers and body as they came, with the dots of the protocol taken out. */
  readonly data: string;
}

export interface SmtpServer {
  readonly url: string;
  readonly mails: readonly ReceivedMail[];
  /** Commands as they came, without the data. */
  readonly commands: readonly string[];
  close(): Promise<void>;
}

export interface SmtpOptions {
  /** What the server says to a command instead of taking it, such as `550 no such user`. */
  readonly answer?: (command: string) => string | undefined;
  /** What it says at the end of the data. */
  readonly answerData?: () => string | undefined;
  /** Whoever gives this (user, password) may send; without, nobody has to. */
  readonly login?: readonly [string, string];
}

/** A small SMTP server on loopback (RFC 5321): one mail after the other, AUTH PLAIN, refusals to order. */
export async function startSmtpServer(options: SmtpOptions = {}): Promise<SmtpServer> {
  const mails: ReceivedMail[] = [];
  const commands: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => undefined);
    void serve(socket, options, { mails, commands });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    mails,
    commands,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function serve(
  socket: Socket,
  { answer, answerData, login }: SmtpOptions,
  { mails, commands }: { mails: ReceivedMail[]; commands: string[] },
): Promise<void> {
  const say = (line: string) => socket.write(`${line}\r\n`);
  let mail = { from: '', to: [] as string[] };
  let data: string[] | undefined;
  let trusted = login === undefined;
  say('220 test ESMTP');
  for await (const line of createInterface({ input: socket, crlfDelay: Infinity })) {
    if (data) {
      if (line !== '.') {
        data.push(line.replace(/^\./, ''));
        continue;
      }
      const refusal = answerData?.();
      if (!refusal) mails.push({ ...mail, data: data.join('\r\n') });
      [mail, data] = [{ from: '', to: [] }, undefined];
      say(refusal ?? '250 taken');
      continue;
    }
    commands.push(line);
    const ordered = answer?.(line);
    const [, address = ''] = /<([^>]*)>/.exec(line) ?? [];
    const verb = line.slice(0, 4).toUpperCase();
    if (ordered) say(ordered);
    else if (verb === 'EHLO') say(login ? '250-test\r\n250 AUTH PLAIN' : '250 test');
    else if (verb === 'AUTH') {
      const [, user, password] = Buffer.from(line.split(' ')[2] ?? '', 'base64')
        .toString()
        .split('\0');
      trusted = login === undefined || (user === login[0] && password === login[1]);
      say(trusted ? '235 welcome' : '535 wrong user or password');
    } else if (!trusted) say('530 log in first');
    else if (verb === 'MAIL') {
      mail = { from: address, to: [] };
      say('250 ok');
    } else if (verb === 'RCPT') {
      mail.to.push(address);
      say('250 ok');
    } else if (verb === 'DATA') {
      data = [];
      say('354 go on');
    } else if (verb === 'QUIT') socket.end('221 bye\r\n');
    else say(verb === 'RSET' || verb === 'NOOP' ? '250 ok' : '502 not known here');
  }
}
