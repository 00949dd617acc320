import { expect, test } from 'vitest';
import { imagineDeeds, imaginePerson } from '../../src/app/sandbox/people/imagine-people.ts';
import { openLivePeople } from '../../src/app/sandbox/people/live-people.ts';
import { openPostbox } from '../../src/app/sandbox/people/postbox.ts';
import { toAnswer, toBounce, toComplaint } from '../../src/app/sandbox/people/write-back.ts';
import { hour, minute } from '../../src/core/time.ts';
import type { Report } from '../../src/ports/people/mailbox.ts';
import { findFreePort } from '../peers/free-port.ts';
import { denseCadence, openMovableClock, openWorld, quick, tuesday, until } from '../flow/world.ts';

const token = 'a-token-of-twenty-characters';

const post = (i: number) => [`posts/0${i}.md`, `Thought ${i}. Answer GUIDE and you get it.`];

const filesFor = (door: string) => ({
  ...(Object.fromEntries(Array.from({ length: 6 }, (_, i) => post(i))) as Record<string, string>),
  'posts/guide/_sequence.yaml': 'start: { reply: GUIDE }\nby: message\n',
  'posts/guide/010-here.md': `---\nlink: ${door}/f/newsletter\n---\nHere it is: {{link}}`,
  'posts/welcome/_sequence.yaml': 'start: { form: newsletter }\ngoal: bought\n',
  'posts/welcome/010-hello.md':
    '---\nsubject: Hello {{person.name | there}}\n---\n[Read](https://acme.example/guide)',
  'posts/welcome/020-more.md':
    '---\nsubject: More\nwait: 6h\n---\n[Look](https://acme.example/more)',
  'posts/welcome/030-last.md': '---\nsubject: Last\nwait: 4d\n---\nThe end.',
});

test('people answer a post, get a message, fill in the form behind it, confirm, read, buy and unsubscribe, all of it at the networks and the door', async () => {
  const clock = openMovableClock(tuesday);
  const port = await findFreePort();
  const door = `http://127.0.0.1:${port}`;
  const yaml = ({ mail }: { mail: { host: string; port: number } }) => `
${denseCadence}
public: { url: "${door}", port: ${port}, trustedProxy: 127.0.0.1 }
events: { token: ${token} }
mail:
  from: "A <a@acme.example>"
  postalAddress: A
  host: "${mail.host}"
  port: ${mail.port}
  tls: "off"
  perSecond: 100
`;
  await using world = await openWorld({ clock, yaml, files: filesFor(door) });
  await using served = await world.serve({ timing: { ...quick, repliesEvery: 200 } });
  await world.say('resume');
  await until('all posts are out', () => world.sandbox.accepted().length >= 18);
  const { people: room, store } = served.context;
  const { people } = store;
  const postbox = openPostbox();
  await using _living = openLivePeople(room!, {
    sandbox: world.sandbox,
    door,
    token,
    postbox,
    lookEvery: 20,
  });
  const kinds = async () => {
    const seen = new Set<string>();
    for (const { id } of await people.listPeople({ limit: 100 }))
      for (const { kind } of await people.listActs({ person: id })) seen.add(kind);
    return seen;
  };
  const reached = async () => {
    clock.move(2 * minute);
    const [enrolments, acts] = [await people.listEnrolments({}), await kinds()];
    const ways = new Set(enrolments.map(({ by, sequence }) => `${sequence} by ${by}`));
    const isReached = enrolments.some(({ state }) => state === 'reached');
    return isReached && ways.size === 2 && ['confirmed', 'clicked'].every((kind) => acts.has(kind));
  };
  await until('the whole way', reached, 240_000);
  const all = await people.listPeople({ limit: 100 });
  const consents = await Promise.all(all.map(({ id }) => people.listConsents(id)));
  const ways = new Set(consents.flat().map(({ way, medium }) => `${way} ${medium}`));
  for (const way of ['reply message', 'form mail']) expect(ways).toContain(way);
  const sent = await people.listDispatches({ medium: 'message', states: ['sent'] });
  expect(sent.length).toBeGreaterThan(0);
  // Each message stands once on its network.
  const ids = sent.map(({ receipt }) => receipt?.serverId);
  const there = world.sandbox.accepted().filter(({ id }) => ids.includes(id));
  expect([new Set(ids).size, there.length]).toEqual([sent.length, sent.length]);
}, 300_000);

test('bounces, complaints and answers come to a mailbox as mails, each once', async () => {
  const postbox = openPostbox();
  const mailbox = postbox.open({ addresses: ['a@acme.example'], readToken: () => ({}) });
  const about = {
    to: 'ada@people.example',
    from: 'A <a@acme.example>',
    subject: 'Hello',
    messageId: '<1@acme.example>',
  };
  const reports: Report[] = [];
  const take = async (report: Report) => void reports.push(report);
  const { signal } = new AbortController();
  postbox.post(toBounce(about));
  let mark = await mailbox.readNew(undefined, { take, signal });
  postbox.post(toComplaint(about));
  postbox.post(toAnswer(about, 'Do you ship to Norway?'));
  mark = await mailbox.readNew(mark, { take, signal });
  await mailbox.readNew(mark, { take, signal });
  expect(reports.map(({ kind, messageIds }) => [kind, messageIds])).toEqual([
    ['hard', [about.messageId]],
    ['complaint', [about.messageId]],
    ['reply', [about.messageId]],
  ]);
  expect(reports.at(-1)?.words).toBe('Do you ship to Norway?');
});

test('the people are the same for the same key, and nobody out there has their address', () => {
  const one = imaginePerson('2026-03-02', 5, 'http://127.0.0.1:4335');
  expect(imaginePerson('2026-03-02', 5, 'http://127.0.0.1:4335')).toEqual(one);
  expect(one.person.id).toMatch(/^p-\w{6}$/);
  expect(one.consents[0]?.addressKey).toMatch(/^mail:\w+\.p-\w{6}@people\.example$/);
  const ids = Array.from({ length: 300 }, (_, i) => imaginePerson(`past ${i}`, 0, '').person.id);
  expect(new Set(ids).size).toBe(300);
  const deeds = ids.flatMap((id) => imagineDeeds(`welcome.hello@${id}`));
  for (const { after } of deeds) expect(after).toBeLessThan(50 * hour);
  expect(new Set(deeds.map(({ deed }) => deed)).size).toBe(6);
});
