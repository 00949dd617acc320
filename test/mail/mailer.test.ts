import { once } from 'node:events';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import type { MailOutcome, OutgoingMail } from '../../src/ports/people/mail.ts';
import {
  type ChaosServer,
  type Fault,
  openChaosServer,
  type Place,
  places,
} from './chaos-server.ts';
import { callWith, mailerTo, makeLongMail, makeMail } from './kit.ts';

const server: ChaosServer = await openChaosServer();
afterAll(() => server[Symbol.asyncDispose]());

const offers = {
  plain: ['AUTH PLAIN LOGIN'],
  pipelining: ['AUTH PLAIN LOGIN', 'PIPELINING', 'SIZE 40000000', 'DSN', '8BITMIME'],
};

beforeEach(() => {
  server.cut();
  server.chaos = {};
  server.connections = 0;
  server.stored.length = server.texts.length = server.commands.length = 0;
});

const copies = ({ messageId }: OutgoingMail) =>
  server.stored.filter((one) => one === messageId).length;

/** What the mailer says is never more than what the server can bear out. */
function expectHonest(mail: OutgoingMail, outcome: MailOutcome): void {
  const allowed = { sent: [1], later: [0], refused: [0], uncertain: [0, 1] }[outcome.is];
  expect(allowed, `${JSON.stringify(outcome)} and ${copies(mail)} copies`).toContain(copies(mail));
}

const login = { user: 'u', password: 'p' };

test('a mail arrives once, as it was, and says under which name the server has it', async () => {
  await using mailer = mailerTo(server.port, login);
  const mail = makeMail();
  expect(await mailer.send(mail, callWith())).toEqual({
    is: 'sent',
    said: '250 2.0.0 Ok: queued as 4711',
  });
  expect(server.texts).toEqual([mail.bytes.toString().replace('\r\n.', '\r\n..')]);
});

test('several mails go over one connection, one after another', async () => {
  await using mailer = mailerTo(server.port, login);
  const mails = Array.from({ length: 20 }, () => makeMail());
  const outcomes = await Promise.all(mails.map((mail) => mailer.send(mail, callWith())));
  expect(outcomes.map(({ is }) => is)).toEqual(mails.map(() => 'sent'));
  expect(server.stored).toEqual(mails.map(({ messageId }) => messageId));
  expect(server.connections).toBe(1);
});

test('the server is told size, envelope id and what to report, where it offers to hear it', async () => {
  server.chaos = { offers: offers.pipelining };
  await using mailer = mailerTo(server.port);
  const mail = makeMail({ envelopeId: 'd-1' });
  await mailer.send(mail, callWith());
  const [, from, to] = server.commands;
  expect(from).toBe(
    `MAIL FROM:<bounces+t1@example.com> SIZE=${mail.bytes.length} RET=HDRS ENVID=d-1`,
  );
  expect(to).toBe('RCPT TO:<ann@example.net> NOTIFY=FAILURE,DELAY ORCPT=rfc822;ann@example.net');
});

describe.each(Object.entries(offers))('a server that offers %s', (_, offered) => {
  describe.each([1, 2])('in mail %i of a connection', (inMail) => {
    const play = async (fault: Fault) => {
      server.chaos = { fault, inMail: inOnce(fault.at, inMail), connections: 1, offers: offered };
      await using mailer = mailerTo(server.port, login);
      const before = inMail === 1 ? [] : [makeMail()];
      for (const mail of before) await mailer.send(mail, callWith());
      const mail = makeMail();
      const stop = new AbortController();
      if (/hang|trickle/.test(fault.how))
        void once(server.events, 'fault').then(() => stop.abort());
      const outcome = await mailer.send(mail, callWith({ signal: stop.signal }));
      for (const one of before) expectHonest(one, { is: 'sent', said: '' });
      expectHonest(mail, outcome);
      return outcome;
    };
    const hows = ['drop', 'reset', 'hang', 'trickle'] as const;
    const inSession = inMail === 1 ? places : places.filter((one) => !isBefore(one));
    const cases = inSession.flatMap((at) => hows.map((how): [Place, Fault['how']] => [at, how]));

    test.each(cases)('whose %s ends in a %s is told apart', async (at, how) => {
      const outcome = await play({ at, how });
      if (at === 'dot') expect(outcome.is).toBe('uncertain');
      else if (at === 'body') expect(['later', 'uncertain']).toContain(outcome.is);
      else if (inMail === 2 && (how === 'drop' || how === 'reset') && isEnvelope(at))
        expect(outcome.is).toBe('sent');
      else expect(['later', 'sent']).toContain(outcome.is);
    });

    test.each(['stored-drop', 'stored-reset', 'stored-hang'] as const)(
      'that takes the mail and then answers with a %s leaves it uncertain',
      async (how) => {
        expect((await play({ at: 'dot', how })).is).toBe('uncertain');
      },
    );
  });
});

const isBefore = (at: Place) => at === 'greeting' || at === 'EHLO' || at === 'AUTH';
const inOnce = (at: Place, inMail: number) => (isBefore(at) ? 0 : inMail);
/** No byte of the mail was asked for yet: as good as a connection that had gone stale. */
const isEnvelope = (at: Place) => at === 'MAIL' || at === 'RCPT' || at === 'DATA';

test('a connection that is lost in the middle of a long mail leaves it certainly not sent', async () => {
  for (const how of ['drop', 'reset'] as const) {
    server.chaos = { fault: { at: 'body', how } };
    await using mailer = mailerTo(server.port);
    const mail = makeLongMail();
    const outcome = await mailer.send(mail, callWith());
    expect(outcome).toMatchObject({ is: 'later', about: 'mail' });
    expect(outcome.said).toContain('in the middle of the mail');
    expect(copies(mail)).toBe(0);
  }
});

interface Row {
  at: Place;
  says: string;
  is: MailOutcome['is'];
  about?: 'mail' | 'sender';
}

const rows: Row[] = [
  { at: 'greeting', says: '421 4.3.2 shutting down', is: 'later', about: 'sender' },
  { at: 'greeting', says: '554 no service', is: 'later', about: 'sender' },
  { at: 'greeting', says: 'HTTP/1.1 400 Bad Request', is: 'later', about: 'sender' },
  { at: 'EHLO', says: '421 4.3.2 shutting down', is: 'later', about: 'sender' },
  { at: 'AUTH', says: '535 5.7.8 wrong', is: 'refused', about: 'sender' },
  { at: 'AUTH', says: '454 4.7.0 try later', is: 'later', about: 'sender' },
  { at: 'AUTH', says: '421 4.7.0 too many', is: 'later', about: 'sender' },
  { at: 'MAIL', says: '451 4.3.0 busy', is: 'later', about: 'sender' },
  { at: 'MAIL', says: '421 4.7.0 too many', is: 'later', about: 'sender' },
  { at: 'MAIL', says: '550 5.1.0 unknown sender', is: 'refused', about: 'sender' },
  { at: 'MAIL', says: '530 5.7.0 log in first', is: 'refused', about: 'sender' },
  { at: 'MAIL', says: '503 5.5.1 bad sequence', is: 'later', about: 'mail' },
  { at: 'MAIL', says: '552 5.3.4 too large', is: 'refused', about: 'mail' },
  { at: 'RCPT', says: '450 4.2.1 mailbox busy', is: 'later', about: 'mail' },
  { at: 'RCPT', says: '450 4.7.1 Greylisted, try again', is: 'later', about: 'mail' },
  { at: 'RCPT', says: '451 4.7.1 too fast', is: 'later', about: 'sender' },
  { at: 'RCPT', says: '550 5.1.1 no such user', is: 'refused', about: 'mail' },
  { at: 'RCPT', says: '550-5.1.1 no such\r\n550 5.1.1 user', is: 'refused', about: 'mail' },
  { at: 'RCPT', says: '554 5.7.1 relay access denied', is: 'refused', about: 'sender' },
  { at: 'RCPT', says: '421 4.3.2 shutting down', is: 'later', about: 'sender' },
  { at: 'DATA', says: '451 4.3.0 busy', is: 'later', about: 'sender' },
  { at: 'DATA', says: '554 no', is: 'refused', about: 'mail' },
  { at: 'dot', says: '451 4.3.0 busy', is: 'later', about: 'sender' },
  { at: 'dot', says: '452 4.2.2 full', is: 'later', about: 'mail' },
  { at: 'dot', says: '554 5.6.0 not like this', is: 'refused', about: 'mail' },
  { at: 'dot', says: '550 5.7.1 looks like spam', is: 'refused', about: 'sender' },
  { at: 'dot', says: '421 4.3.2 shutting down', is: 'uncertain' },
  { at: 'dot', says: 'stored:421 4.3.2 shutting down', is: 'uncertain' },
  { at: 'dot', says: '354 more, please', is: 'uncertain' },
  { at: 'dot', says: 'what was that?', is: 'uncertain' },
];

describe.each(Object.entries(offers))('a server that offers %s', (_, offered) => {
  test.each(rows)('and says $says at $at: $is, $about', async ({ at, says, is, about }) => {
    server.chaos = {
      replies: { [at]: says },
      inMail: inOnce(at, 1),
      connections: 1,
      offers: offered,
    };
    await using mailer = mailerTo(server.port, login);
    const mail = makeMail();
    const outcome = await mailer.send(mail, callWith());
    expect(outcome).toMatchObject({ is, ...(about && { about }) });
    expectHonest(mail, outcome);
    // Whatever it was, the next one is not hurt by it.
    const next = makeMail();
    expect((await mailer.send(next, callWith())).is).toBe('sent');
    expect(copies(next)).toBe(1);
  });
});

test('a refused mail keeps its connection, which is reset before the next one', async () => {
  server.chaos = { replies: { RCPT: '550 5.1.1 no such user' }, inMail: 1 };
  await using mailer = mailerTo(server.port);
  await mailer.send(makeMail(), callWith());
  expect((await mailer.send(makeMail(), callWith())).is).toBe('sent');
  expect(server.connections).toBe(1);
  expect(server.commands).toContain('RSET');
});

test('a connection that the server left while it was idle is renewed, without a second copy', async () => {
  await using mailer = mailerTo(server.port);
  for (let i = 0; i < 5; i++) {
    const mail = makeMail();
    expect((await mailer.send(mail, callWith())).is).toBe('sent');
    expect(copies(mail)).toBe(1);
    server.cut();
  }
  expect(server.connections).toBe(5);
});

test('an idle connection is left with a word of good-bye', async () => {
  await using mailer = mailerTo(server.port, { idleFor: 1 });
  await mailer.send(makeMail(), callWith());
  await expect.poll(() => server.commands).toContain('QUIT');
  expect((await mailer.send(makeMail(), callWith())).is).toBe('sent');
});

test('closed after any byte that the server reads, the mailer claims nothing that is not so', async () => {
  server.chaos = { offers: offers.plain };
  await using mailer = mailerTo(server.port, login);
  await mailer.send(makeMail(), callWith());
  const all = server.bytesRead;
  expect(all).toBeGreaterThan(200);
  const seen = new Set<string>();
  for (let readsBytes = 1; readsBytes <= all; readsBytes++) {
    server.chaos = { offers: offers.plain, readsBytes };
    await using mailer = mailerTo(server.port, login);
    const mail = makeMail();
    const outcome = await mailer.send(mail, callWith());
    expectHonest(mail, outcome);
    expect(outcome.is).not.toBe('refused');
    seen.add(outcome.is);
  }
  expect(seen).toContain('later');
  expect(seen).toContain('uncertain');
});

test('cut off after any byte that the server writes, the mailer claims nothing that is not so', async () => {
  server.chaos = { offers: offers.pipelining };
  await using mailer = mailerTo(server.port, login);
  await mailer.send(makeMail(), callWith());
  const all = server.bytesWritten;
  for (const dot of ['250 2.0.0 Ok: queued as 4711', '554 5.6.0 not like this'])
    for (let writesBytes = 1; writesBytes <= all; writesBytes++) {
      server.chaos = { offers: offers.pipelining, writesBytes, replies: { dot } };
      await using mailer = mailerTo(server.port, login);
      const mail = makeMail();
      expectHonest(mail, await mailer.send(mail, callWith()));
    }
});

test('a mail takes no longer than its limit, whatever the server trickles', async () => {
  for (const at of ['greeting', 'EHLO', 'MAIL', 'RCPT', 'dot'] as const) {
    server.chaos = { fault: { at, how: 'trickle' } };
    await using mailer = mailerTo(server.port, { limitFor: 300 });
    const mail = makeMail();
    const outcome = await mailer.send(mail, callWith());
    expectHonest(mail, outcome);
    expect(['later', 'uncertain']).toContain(outcome.is);
    if (at !== 'dot') expect(outcome.is).toBe('later');
  }
});

test('a caller is asked right before the first byte, and what it throws stops the mail', async () => {
  await using mailer = mailerTo(server.port);
  const stopped = makeMail();
  const mayOpen = () => {
    expect(server.commands.at(-1)).toBe('DATA');
    throw new Error('Ann has unsubscribed.');
  };
  const outcome = await mailer.send(stopped, callWith({ mayOpen }));
  expect(outcome).toEqual({ is: 'later', about: 'mail', said: 'Ann has unsubscribed.' });
  const next = makeMail();
  let asked = 0;
  const ask = async () => void (await Promise.resolve(asked++));
  expect((await mailer.send(next, callWith({ mayOpen: ask }))).is).toBe('sent');
  expect([copies(stopped), copies(next), asked]).toEqual([0, 1, 1]);
});

test('a caller that stops while it is asked has sent nothing', async () => {
  await using mailer = mailerTo(server.port);
  const mail = makeMail();
  const stop = new AbortController();
  const mayOpen = async () => {
    stop.abort();
    await Promise.resolve();
  };
  const outcome = await mailer.send(mail, callWith({ mayOpen, signal: stop.signal }));
  expect(outcome).toMatchObject({ is: 'later', about: 'mail' });
  expect(copies(mail)).toBe(0);
});

test('a caller that stops while there is no connection yet says nothing about the server', async () => {
  for (const at of ['greeting', 'EHLO', 'AUTH'] as const) {
    server.chaos = { fault: { at, how: 'hang' } };
    await using mailer = mailerTo(server.port, login);
    const stop = new AbortController();
    void once(server.events, 'fault').then(() => stop.abort());
    const outcome = await mailer.send(makeMail(), callWith({ signal: stop.signal }));
    expect(outcome).toEqual({ is: 'later', about: 'mail', said: 'Dripline was stopped.' });
  }
});

test('a caller that has stopped beforehand opens nothing', async () => {
  await using mailer = mailerTo(server.port);
  const outcome = await mailer.send(makeMail(), callWith({ signal: AbortSignal.abort() }));
  expect(outcome).toEqual({ is: 'later', about: 'mail', said: 'Dripline was stopped.' });
  expect(server.commands).toEqual([]);
});

test.each([
  'ann@example.net, eve@example.net',
  'ann@example.net\r\nRCPT TO:<eve@example.net>',
  'ann@example.net> <eve@example.net',
  'Ann <ann@example.net>',
  'änn@example.net',
  'ann@',
  '@example.net',
  'ann',
  '',
  'ann@exa mple.net',
  `${'a'.repeat(65)}@example.net`,
])('no server hears of the address %j', async (to) => {
  await using mailer = mailerTo(server.port);
  const outcome = await mailer.send(makeMail({ to }), callWith());
  expect(outcome).toMatchObject({ is: 'refused', about: 'mail' });
  const from = await mailer.send(makeMail({ envelopeFrom: to }), callWith());
  expect(from).toMatchObject({ is: 'refused', about: 'sender' });
  expect(server.commands).toEqual([]);
});

test('a domain beyond ASCII goes out in its ASCII form', async () => {
  await using mailer = mailerTo(server.port);
  expect((await mailer.send(makeMail({ to: 'ann@bücher.example' }), callWith())).is).toBe('sent');
  expect(server.commands).toContain('RCPT TO:<ann@xn--bcher-kva.example>');
});

test("the server's words come as one short line, without the person's address", async () => {
  const says = `550-5.1.1 <Ann@example.net>: no\r\n550 5.1.1 \u0007${'so '.repeat(500)}`;
  server.chaos = { replies: { RCPT: says } };
  await using mailer = mailerTo(server.port);
  const { said } = await mailer.send(makeMail(), callWith());
  expect(said).toMatch(/^550-5\.1\.1 <the recipient>: no 550 5\.1\.1 so so/);
  expect(said.length).toBeLessThan(320);
});

test('a mail that is larger than the server takes is refused before it is begun', async () => {
  server.chaos = { offers: ['SIZE 100'] };
  await using mailer = mailerTo(server.port);
  const outcome = await mailer.send(makeMail(), callWith());
  expect(outcome).toMatchObject({ is: 'refused', about: 'mail' });
  expect(outcome.said).toContain('larger than');
});

test('a server that is not there is about the sender, and says what to check', async () => {
  const gone = await openChaosServer();
  await gone[Symbol.asyncDispose]();
  await using mailer = mailerTo(gone.port);
  const outcome = await mailer.send(makeMail(), callWith());
  expect(outcome).toMatchObject({ is: 'later', about: 'sender' });
  expect(outcome.said).toMatch(/There is no connection .* Check mail\.host and mail\.port\./);
  expect(await mailer.check(new AbortController().signal)).toBe(outcome.said);
});

test('a check logs in and out, and says why it could not', async () => {
  const { signal } = new AbortController();
  await using mailer = mailerTo(server.port, login);
  expect(await mailer.check(signal)).toBeUndefined();
  expect(server.commands.map((one) => one.slice(0, 4))).toEqual(['EHLO', 'AUTH', 'QUIT']);
  server.chaos = { replies: { AUTH: '535 5.7.8 wrong' } };
  expect(await mailer.check(signal)).toMatch(/Check mail\.user and mail\.password\. \(.*535/);
});

test('nothing is sent in clear where TLS is required, the password least of all', async () => {
  await using mailer = mailerTo(server.port, { ...login, tls: 'required' });
  const outcome = await mailer.send(makeMail(), callWith());
  expect(outcome).toMatchObject({ is: 'refused', about: 'sender' });
  expect(outcome.said).toContain('There is no secure connection');
  expect(server.commands.map((one) => one.slice(0, 4))).toEqual(['EHLO', 'STAR']);
});

test('a mailer that was closed sends nothing more', async () => {
  const mailer = mailerTo(server.port);
  await mailer[Symbol.asyncDispose]();
  expect((await mailer.send(makeMail(), callWith())).is).toBe('later');
  expect(server.commands).toEqual([]);
});
