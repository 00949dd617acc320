import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { afterAll, beforeEach, expect } from 'vitest';
import { peerOrSkip } from '../peers/peer-or-skip.ts';
import { makeCertificate } from './certificate.ts';
import { callWith, mailerTo, makeMail } from './kit.ts';

const certificate = makeCertificate();
const { peer, test } = peerOrSkip(certificate, 'OpenSSL is missing: apt-get install openssl');

interface Taken {
  from: string;
  to: string[];
  text: string;
  isSecure: boolean;
  user: string | undefined;
}
const taken: Taken[] = [];
beforeEach(() => void (taken.length = 0));

const server = peer && (await startServer(false));
const implicit = peer && (await startServer(true));
afterAll(async () => {
  await server?.close();
  await implicit?.close();
});

async function startServer(secure: boolean) {
  const smtp = new SMTPServer({
    ...peer,
    secure,
    onAuth: ({ username, password }, _session, done) =>
      password === 'right'
        ? done(null, { user: username })
        : done(Object.assign(new Error('5.7.8 wrong'), { responseCode: 535 })),
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope;
        taken.push({
          from: (mailFrom && mailFrom.address) || '',
          to: rcptTo.map(({ address }) => address),
          text: Buffer.concat(chunks).toString(),
          isSecure: session.secure,
          user: session.user as string | undefined,
        });
        done(null, 'queued');
      });
    },
  });
  smtp.on('error', () => undefined);
  const listener = smtp.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  return {
    port: (listener.address() as AddressInfo).port,
    close: () => new Promise<void>((done) => smtp.close(() => done())),
  };
}

const right = { user: 'u', password: 'right', tls: 'required' as const };
const trusting = { ca: peer?.cert ?? '' };

test('a mail goes out over STARTTLS, and over TLS from the first byte', async () => {
  for (const [port, isImplicit] of [
    [server!.port, false],
    [implicit!.port, true],
  ] as const) {
    taken.length = 0;
    await using mailer = mailerTo(port, { ...right, ...trusting, isImplicit });
    const mails = [makeMail(), makeMail()];
    for (const mail of mails)
      expect(await mailer.send(mail, callWith())).toMatchObject({ is: 'sent' });
    expect(taken).toEqual(
      mails.map(({ bytes }) => ({
        from: 'bounces+t1@example.com',
        to: ['ann@example.net'],
        text: bytes.toString(),
        isSecure: true,
        user: 'u',
      })),
    );
  }
});

test('a server whose certificate nobody vouches for gets neither mail nor password', async () => {
  for (const [port, isImplicit] of [
    [server!.port, false],
    [implicit!.port, true],
  ] as const) {
    await using mailer = mailerTo(port, { ...right, isImplicit });
    const outcome = await mailer.send(makeMail(), callWith());
    expect(outcome).toMatchObject({ is: 'later', about: 'sender' });
    expect(outcome.said).toContain('There is no secure connection');
    expect(outcome.said).toContain('certificate');
  }
  expect(taken).toEqual([]);
});

test('a server that speaks TLS from the first byte where it is not expected is told apart', async () => {
  await using mailer = mailerTo(server!.port, { ...right, ...trusting, isImplicit: true });
  const outcome = await mailer.send(makeMail(), callWith());
  expect(outcome).toMatchObject({ is: 'later', about: 'sender' });
  expect(outcome.said).toContain('mail.tls');
});

test('a wrong password holds the sender', async () => {
  await using mailer = mailerTo(server!.port, { ...right, ...trusting, password: 'wrong' });
  const outcome = await mailer.send(makeMail(), callWith());
  expect(outcome).toMatchObject({ is: 'refused', about: 'sender', code: 535 });
  expect(JSON.stringify(outcome)).not.toContain('wrong"');
});
