import { expect, test as always } from 'vitest';
import { keyOfAddress } from '../../src/core/people/person.ts';
import { day, minute } from '../../src/core/time.ts';
import type { Store } from '../../src/ports/store.ts';
import { openWorld, quick, tuesday, until } from '../flow/world.ts';
import { findFreePort } from '../peers/free-port.ts';
import { openChaosServer } from './chaos-server.ts';
import { dovecotOrSkip } from './dovecot.ts';
import { callWith, mailerTo } from './kit.ts';
import { openPostfix, postfixHere } from './postfix.ts';

const { peer: openDovecot, test: known } = dovecotOrSkip();
const test = postfixHere() === 'there' ? known : always.skip;

/** Both of its clocks are moved by hand: a minute later the mailbox is looked at again. */
function openClock() {
  let moved = 0;
  const begun = Date.now();
  return {
    now: () => tuesday + Date.now() - begun + moved,
    monotonic: () => performance.now() + moved,
    move: (by: number) => void (moved += by),
  };
}

const files = {
  'posts/welcome/_sequence.yaml': 'start: { form: newsletter }\n',
  'posts/welcome/010-hello.md': '---\nsubject: Hello\n---\nHello https://shop.example/.',
  'posts/welcome/020-more.md': '---\nsubject: More\nwait: 1d\n---\nMore.',
};

const yamlOf = (ports: { smtp: number; imap: number; door: number }) => `
cadence: { perDay: 80000, windows: ["00:00-24:00"], minGap: 1s }
public: { url: "http://127.0.0.1:${ports.door}", port: ${ports.door} }
mail:
  from: "Shop <hello@example.com>"
  replyTo: bounces@example.com
  postalAddress: Weg 1
  host: 127.0.0.1
  port: ${ports.smtp}
  tls: "off"
  perSecond: 100
  bounces:
    address: bounces@example.com
    imap: { host: 127.0.0.1, port: ${ports.imap}, user: shop, password: secret, tls: "off" }
`;

const people = {
  late: 'late@example.net',
  kim: 'kim@people.example',
  away: 'away@people.example',
  spam: 'spam@people.example',
};
type Name = keyof typeof people;
const names = Object.keys(people) as Name[];

async function add({ people: store }: Store, name: Name, at: number): Promise<void> {
  const [id, value] = [`p-${name}`, people[name]];
  const address = { medium: 'mail', value } as const;
  const rest = { status: 'new', fields: {}, score: 0, scoredAt: at, revision: 1 } as const;
  await store.addPerson({ id, createdAt: at, addresses: [address], ...rest });
  const consent = { id: `c-${id}`, person: id, medium: 'mail', purpose: '*', way: 'form' } as const;
  const addressKey = keyOfAddress(address);
  await store.addConsents([{ ...consent, addressKey, at, words: 'Yes', confirmedAt: at }]);
}

const headerOf = (mail: string, name: string) =>
  new RegExp(`^${name}: *(.*?)\\r?$`, 'im').exec(mail)?.[1] ?? '';

interface Writing {
  from: string;
  to: string;
  headers?: string[];
  body: string[];
}

/** Somebody out there writes, by SMTP. */
async function write(port: number, { from, to, headers = [], body }: Writing): Promise<void> {
  await using mailer = mailerTo(port);
  const messageId = `<${Math.random()}@people.example>`;
  const lines = [`From: ${from}`, `To: ${to}`, `Message-ID: ${messageId}`, ...headers, '', ...body];
  const mail = {
    envelopeFrom: from,
    to,
    messageId,
    bytes: Buffer.from(`${lines.join('\r\n')}\r\n`),
  };
  expect(await mailer.send(mail, callWith())).toMatchObject({ is: 'sent' });
}

/** As a mailbox provider sends it: the address of the person is left out. */
const complaintAbout = (mail: string): Pick<Writing, 'headers' | 'body'> => ({
  headers: [
    'MIME-Version: 1.0',
    'Content-Type: multipart/report; report-type=feedback-report; boundary=b',
  ],
  body: [
    '--b',
    'Content-Type: text/plain',
    '',
    'This is spam.',
    '--b',
    'Content-Type: message/feedback-report',
    '',
    'Feedback-Type: abuse',
    'User-Agent: Feedback/1.0',
    'Version: 1',
    '--b',
    'Content-Type: message/rfc822',
    '',
    `Message-ID: ${headerOf(mail, 'Message-ID')}`,
    'Subject: Hello',
    '',
    'Hello',
    '--b--',
  ],
});

test('a bounce, a complaint and an answer go round through Postfix and Dovecot, and a machine answers for nothing', async () => {
  if (!openDovecot) return;
  await using next = await openChaosServer();
  next.chaos = { replies: { RCPT: '550 5.1.1 no such user any more' } };
  await using postfix = await openPostfix(next.port);
  await using dovecot = await openDovecot(postfix.maildir('bounces'));
  const clock = openClock();
  const door = await findFreePort();
  const yaml = yamlOf({ smtp: postfix.port, imap: dovecot.port, door });
  await using world = await openWorld({ clock, yaml, files });
  await using served = await world.serve({ timing: quick });
  const { store } = served.context;
  await until('the mailbox was looked at', async () => await store.findFact('mailbox:reports'));
  for (const name of names) {
    await add(store, name, clock.now());
    await world.say(`enrol p-${name} welcome`);
  }
  await world.say('resume');
  await until('they have their mails', async () => (await postfix.mails('people')).length === 3);
  const mails = await postfix.mails('people');
  const mailTo = (name: Name) =>
    mails.find((one) => headerOf(one, 'Delivered-To') === people[name]) ?? '';
  // Postfix took it, and tells some time later that nobody is there.
  await until('the report is there', async () => (await postfix.mails('bounces')).length > 0);
  await write(postfix.port, {
    from: 'fbl@provider.example',
    to: 'bounces@example.com',
    ...complaintAbout(mailTo('spam')),
  });
  await write(postfix.port, {
    from: people.kim,
    to: headerOf(mailTo('kim'), 'Reply-To'),
    headers: [`In-Reply-To: ${headerOf(mailTo('kim'), 'Message-ID')}`, 'Subject: Re: Hello'],
    body: ['Do you ship to Norway?', '', '> Hello'],
  });
  const returnPath = headerOf(mailTo('away'), 'Return-Path').replaceAll(/[<>]/g, '');
  expect(returnPath).toMatch(/^bounces\+[\w-]+@example\.com$/);
  for (let i = 0; i < 5; i += 1)
    await write(postfix.port, {
      from: people.away,
      to: returnPath,
      headers: ['Auto-Submitted: auto-replied', 'Subject: Out of office'],
      body: ['I am back on Monday. Please unsubscribe me from nothing.'],
    });
  await until('all of it has come', async () => (await postfix.mails('bounces')).length >= 8);
  clock.move(2 * minute);
  const stateOf = async (name: Name) =>
    (await store.people.findDispatch(`welcome.hello@p-${name}`))?.state;
  await until('the bounce is known', async () => (await stateOf('late')) === 'bounced');
  const statusOf = async (name: Name) => (await store.people.findPerson(`p-${name}`))?.status;
  await until('the answer is known', async () => (await statusOf('kim')) === 'handed-over');
  const stops = async (name: Name) =>
    (await world.say(`person p-${name}`)).stops.map(({ because }: { because: string }) => because);
  await until('the complaint is known', async () => (await stops('spam')).length > 0);
  expect(await Promise.all(names.map(stops))).toEqual([['bounced'], [], [], ['complaint']]);
  expect(await Promise.all(names.map(stateOf))).toEqual(['bounced', 'sent', 'sent', 'sent']);
  const acts = await store.people.listActs({ person: 'p-kim' });
  expect(acts.map(({ kind, words }) => [kind, words])).toEqual([
    ['replied', 'Do you ship to Norway?'],
  ]);
  // A day later only whoever is away gets more: nothing was answered to the machine.
  clock.move(day);
  await until('the next step is there', async () => (await postfix.mails('people')).length === 4);
  const [last] = (await postfix.mails('people')).filter((one) => !mails.includes(one));
  expect(headerOf(last ?? '', 'Delivered-To')).toBe(people.away);
  expect(await store.people.listActs({ person: 'p-away' })).toEqual([]);
  const journal = JSON.stringify(await store.listJournal({}));
  for (const address of Object.values(people)) expect(journal).not.toContain(address);
  // Looked at again: each report counts once.
  const before = (await store.listJournal({})).length;
  const mark = await store.findFact('mailbox:reports');
  await store.putFact('mailbox:reports', { validity: '0', lastUid: 0 }, mark?.revision ?? 0);
  clock.move(2 * minute);
  await until('it was read from its beginning', async () => {
    const { value } = (await store.findFact<{ lastUid: number }>('mailbox:reports')) ?? {};
    return (value?.lastUid ?? 0) >= 8;
  });
  expect((await store.listJournal({})).length).toBe(before);
}, 240_000);
