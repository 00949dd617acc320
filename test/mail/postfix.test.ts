import { afterAll, expect, test as always } from 'vitest';
import { readReport } from '../../src/mail/reports/read-mail-report.ts';
import { peerOrSkip } from '../peers/peer-or-skip.ts';
import { openChaosServer } from './chaos-server.ts';
import { callWith, mailerTo, makeMail } from './kit.ts';
import { openPostfix, postfixHere } from './postfix.ts';

const here = postfixHere();
const { test: known } = peerOrSkip(here, 'Postfix is missing: apt-get install postfix');
// One of its own needs a user that may change its identity.
const test = here === 'not root' ? always.skip : known;
const next = await openChaosServer();
const postfix = here === 'there' ? await openPostfix(next.port) : undefined;
afterAll(async () => {
  await postfix?.[Symbol.asyncDispose]();
  await next[Symbol.asyncDispose]();
});
const port = postfix?.port ?? 0;

const idOf = (text: string) => /^message-id: (.*?)\r?$/im.exec(text)?.[1];
const found = async (box: string, messageId: string) =>
  (await postfix!.mails(box)).filter((text) => idOf(text) === messageId);

test('each mail arrives once, over one connection, in its own words', async () => {
  await using mailer = mailerTo(port);
  const mails = Array.from({ length: 5 }, () => makeMail());
  for (const mail of mails)
    expect(await mailer.send(mail, callWith())).toMatchObject({
      is: 'sent',
      said: expect.stringContaining('queued as'),
    });
  for (const { messageId, bytes } of mails) {
    await expect.poll(() => found('ann', messageId), { timeout: 60_000 }).toHaveLength(1);
    const [text = ''] = await found('ann', messageId);
    expect(text.replaceAll('\r\n', '\n')).toContain(bytes.toString().replaceAll('\r\n', '\n'));
  }
});

test('an unknown mailbox, a foreign domain and a mail that is too large are told apart', async () => {
  await using mailer = mailerTo(port);
  const send = (own: Parameters<typeof makeMail>[0]) => mailer.send(makeMail(own), callWith());
  expect(await send({ to: 'eve@example.net' })).toMatchObject({
    is: 'refused',
    about: 'mail',
    code: 550,
    said: expect.stringContaining('the recipient'),
  });
  expect(await send({ bytes: Buffer.alloc(60_000, 'x\r\n') })).toMatchObject({
    is: 'refused',
    about: 'mail',
  });
  const after = makeMail();
  expect((await mailer.send(after, callWith())).is).toBe('sent');
  await expect.poll(() => found('ann', after.messageId), { timeout: 60_000 }).toHaveLength(1);
});

test('a report comes back to the address of its mail, with the id of its envelope', async () => {
  next.chaos = { replies: { RCPT: '550 5.1.1 no such user any more' } };
  await using mailer = mailerTo(port);
  const mail = makeMail({
    to: 'late@example.net',
    envelopeFrom: 'bounces+tok7@example.com',
    envelopeId: 'd-17',
  });
  expect((await mailer.send(mail, callWith())).is).toBe('sent');
  await expect.poll(() => postfix!.mails('bounces'), { timeout: 60_000 }).toHaveLength(1);
  const [report = ''] = await postfix!.mails('bounces');
  expect(report).toContain('X-Original-To: bounces+tok7@example.com');
  expect(report).toContain('Original-Envelope-Id: d-17');
  expect(report).toContain('Status: 5.1.1');
  expect(report).toContain(`Message-ID: ${mail.messageId}`);
  expect(
    await readReport(Buffer.from(report), { addresses: ['bounces@example.com'] }),
  ).toMatchObject({
    kind: 'hard',
    token: 'tok7',
    envelopeId: 'd-17',
    messageIds: [mail.messageId],
    recipient: 'late@example.net',
    status: '5.1.1',
  });
});

test('a check finds it well', async () => {
  await using mailer = mailerTo(port);
  expect(await mailer.check(new AbortController().signal)).toBeUndefined();
});
