import { expect, test } from 'vitest';
import { keyOfAddress } from '../../../src/core/people/person.ts';
import { day } from '../../../src/core/time.ts';
import type { Store } from '../../../src/ports/store.ts';
import { findFreePort } from '../../peers/free-port.ts';
import { openMovableClock, openWorld, tuesday, until, type World } from '../world.ts';

const files = {
  'posts/welcome/_sequence.yaml': 'start: { form: newsletter }\ngoal: bought\n',
  'posts/welcome/010-hello.md':
    '---\nsubject: "Hello {{person.name | there}}"\n---\nHello **you**.',
  'posts/welcome/020-guide.md': '---\nsubject: Your guide\nwait: 2d\n---\nThe guide.',
  'posts/public.md': 'For everybody.',
};

const token = 'a-token-of-twenty-characters';

const yamlOf = (mail: { host: string; port: number }, port: number) => `
cadence: { perDay: 80000, windows: ["00:00-24:00"], minGap: 1s }
public: { url: "http://127.0.0.1:${port}", port: ${port} }
events: { token: ${token} }
mail:
  from: "Shop <hello@shop.example>"
  postalAddress: Weg 1
  host: ${mail.host}
  port: ${mail.port}
  tls: "off"
  perSecond: 100
`;

async function openMailWorld(clock = openMovableClock(tuesday), given?: number): Promise<World> {
  const port = given ?? (await findFreePort());
  return openWorld({ clock, yaml: ({ mail }) => yamlOf(mail, port), files });
}

const mails = (world: World, to?: string) =>
  world.sandbox.mails().filter((one) => to === undefined || one.to === to);

async function addAda({ people }: Store, at: number): Promise<void> {
  const [id, value] = ['p-ada', 'ada@example.org'];
  await people.addPerson({
    id,
    status: 'new',
    createdAt: at,
    addresses: [{ medium: 'mail', value }],
    fields: { name: 'Ada' },
    score: 0,
    scoredAt: at,
    revision: 1,
  });
  const addressKey = keyOfAddress({ medium: 'mail', value });
  const consent = { id: 'c', person: id, medium: 'mail', addressKey, purpose: '*' } as const;
  await people.addConsents([{ ...consent, way: 'form', at, words: 'Yes', confirmedAt: at }]);
}

test('who is enrolled gets the steps as mails, and stops by one click', async () => {
  const clock = openMovableClock(tuesday);
  await using world = await openMailWorld(clock);
  await using served = await world.serve();
  await addAda(served.context.store, clock.now());
  await world.say('enrol p-ada welcome');
  // Nothing goes out while everything is paused, as it is at the first start.
  await until('it is planned', async () =>
    (await world.say('person p-ada')).dispatches.some(
      ({ state }: { state: string }) => state === 'planned',
    ),
  );
  expect(mails(world)).toEqual([]);
  await world.say('resume');
  await until('the first mail is there', () => mails(world).length === 1);
  const [first] = mails(world, 'ada@example.org');
  expect(first).toMatchObject({ subject: 'Hello Ada', from: expect.stringContaining('shop') });
  const link = /https?:\/\/\S+\/u\/[\w-]+/.exec(first?.text ?? '')?.[0] ?? '';
  // Scanners open every link, in every way: nothing changes.
  for (const method of ['GET', 'HEAD', 'GET'])
    expect((await fetch(link, { method })).status).toBe(200);
  expect((await world.say('person p-ada')).stops).toEqual([]);
  clock.move(2 * day);
  await until('the second mail is there', () => mails(world).length === 2);
  const body = new URLSearchParams({ 'List-Unsubscribe': 'One-Click' });
  expect((await fetch(link, { method: 'POST', body })).status).toBe(200);
  expect((await world.say('person p-ada')).stops).toMatchObject([
    { purpose: 'welcome', because: 'unsubscribed' },
  ]);
  await until('the post is out', () => world.texts('mastodon').length > 0);
  expect(world.texts('mastodon')).toEqual(['For everybody.']);
});

test('a form is confirmed by a mail that says only what it is for, and then the sequence begins', async () => {
  const clock = openMovableClock(tuesday);
  const port = await findFreePort();
  const url = `http://127.0.0.1:${port}`;
  await using world = await openMailWorld(clock, port);
  await using served = await world.serve();
  await world.say('resume');
  const body = new URLSearchParams({ mail: 'ada@example.org', name: 'Buy now' });
  const headers = { 'accept-language': 'de' };
  for (let i = 0; i < 3; i += 1)
    expect((await fetch(`${url}/f/newsletter`, { method: 'POST', body, headers })).status).toBe(
      200,
    );
  await until('the mail that asks is there', () => mails(world).length === 1);
  const [asks] = mails(world, 'ada@example.org');
  expect(asks?.subject).toBe('Bitte bestätigen: welcome');
  expect(asks?.text).toContain('ignorieren');
  expect(asks?.text).not.toContain('Buy now');
  expect(asks?.text).not.toContain('/u/');
  const link = /https?:\/\/\S+\/c\/[\w-]+/.exec(asks?.text ?? '')?.[0] ?? '';
  for (const method of ['GET', 'HEAD', 'GET'])
    expect((await fetch(link, { method })).status).toBe(200);
  expect(mails(world).length).toBe(1);
  for (let i = 0; i < 2; i += 1) expect((await fetch(link, { method: 'POST' })).status).toBe(200);
  await until('the first step is there', () => mails(world).length === 2);
  expect(
    mails(world)
      .map(({ subject }) => subject)
      .toSorted(),
  ).toEqual(['Bitte bestätigen: welcome', 'Hello Buy now']);
  const bought = { id: '1', person: { email: 'ada@example.org' }, event: 'bought' };
  const told = await fetch(`${url}/e`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify(bought),
  });
  expect(await told.json()).toMatchObject({ accepted: 1, known: 1 });
  const { people } = served.context.store;
  await until('the goal is reached', async () =>
    (await people.listEnrolments({})).every(({ state }) => state === 'reached'),
  );
  const journal = JSON.stringify(await served.context.store.listJournal({}));
  expect(journal).not.toContain('example.org');
});
