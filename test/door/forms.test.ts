import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { day, hour } from '../../src/core/time.ts';
import { stopPerson } from '../../src/flow/people/stop-person.ts';
import { openPeopleWorld } from '../flow/people/people-world.ts';
import { peopleStores } from '../flow/people/stores.ts';
import { easyWork } from './easy-work.ts';
import { newsletter, openPeopleDoorWorld, type PeopleDoorWorld } from './people-kit.ts';

const fill = (fields: Record<string, string>, headers: Record<string, string> = {}) => ({
  method: 'POST',
  body: new URLSearchParams(fields),
  headers,
});
const ada = { mail: 'Ada@Example.org' };

const personOf = (world: PeopleDoorWorld, mail = 'ada@example.org') =>
  world.store.people.findPersonByAddress(`mail:${mail}`);

const dispatches = (world: PeopleDoorWorld) => world.store.people.listDispatches({});

/** The link in the mail that asks, for the newest filling in. */
async function linkFor(world: PeopleDoorWorld, mail?: string): Promise<string> {
  const person = await personOf(world, mail);
  const consents = await world.store.people.listConsents(person?.id ?? '');
  const id = consents.findLast((one) => !one.id.includes('+') && one.way === 'form')?.id ?? '';
  return `/c/${world.tokens.make('confirm', id)}`;
}

const scanners = [
  {},
  { 'sec-purpose': 'prefetch;prerender' },
  { purpose: 'prefetch' },
  { 'user-agent': 'Mozilla/5.0 (compatible; BingPreview/1.0b)' },
];

describe.each(peopleStores)('on $name', ({ open }) => {
  const withDoor = async (work: (world: PeopleDoorWorld) => Promise<void>) => {
    await using place = await open();
    await using world = await openPeopleDoorWorld({ store: place.store });
    await work(world);
  };

  test('a form is filled in, confirmed by its owner, and begins', () =>
    withDoor(async (world) => {
      const page = await world.ask('/f/newsletter', { headers: { 'accept-language': 'de' } });
      expect(page.status).toBe(200);
      expect(page.headers.get('set-cookie')).toBeNull();
      const version = /name="version" value="(\w+)"/.exec(page.body)?.[1] ?? '';
      const words = /<p id="consent">([^<]+)</.exec(page.body)?.[1];
      const sent = { ...ada, name: 'Ada', plan: 'gold', version };
      const answer = await world.ask('/f/newsletter', fill(sent));
      expect([answer.status, answer.body.includes('inbox')]).toEqual([200, true]);
      const person = await personOf(world);
      expect(person).toMatchObject({
        status: 'new',
        fields: {},
        addresses: [{ medium: 'mail', value: 'Ada@Example.org' }],
      });
      const id = person?.id ?? '';
      expect(await world.store.people.listConsents(id)).toMatchObject([
        { way: 'form', purpose: 'welcome', words, version, lang: 'de', ip: '127.0.0.1' },
      ]);
      expect(await dispatches(world)).toMatchObject([{ person: id, state: 'planned' }]);
      expect(await world.store.people.listEnrolments({})).toEqual([]);
      const link = await linkFor(world);
      const before = await world.all();
      for (const headers of scanners)
        for (const method of ['GET', 'HEAD'])
          for (const path of [link, '/f/newsletter'])
            expect((await world.ask(path, { method, headers })).status).toBe(200);
      expect(await world.all()).toBe(before);
      expect((await world.ask(link)).body).toContain('not finished yet');
      for (let i = 0; i < 3; i += 1) {
        const done = await world.ask(link, { method: 'POST' });
        expect([done.status, done.body.includes('Thank you')]).toEqual([200, true]);
        world.clock.move(hour);
      }
      expect(await world.store.people.listEnrolments({})).toMatchObject([
        { person: id, sequence: 'welcome', by: 'form', state: 'active' },
      ]);
      expect(await personOf(world)).toMatchObject({
        status: 'active',
        lang: 'de',
        fields: { name: 'Ada', plan: 'gold' },
      });
      const acts = await world.store.people.listActs({ person: id });
      expect(acts.map(({ kind }) => kind)).toEqual(['confirmed']);
      expect((await world.ask(link)).body).toContain('Thank you');
    }));

  test('an address is asked once a day and three times a month, from wherever', () =>
    withDoor(async (world) => {
      for (let i = 0; i < 40; i += 1) {
        const headers = { 'x-forwarded-for': `203.0.${i}.7` };
        const answer = await world.ask('/f/newsletter', fill(ada, headers));
        expect([answer.status, answer.body.includes('inbox')]).toEqual([200, true]);
      }
      await Promise.all(
        Array.from({ length: 20 }, (_, i) =>
          world.ask('/f/other', fill(ada, { 'x-forwarded-for': `198.51.${i}.7` })),
        ),
      );
      expect((await dispatches(world)).length).toBe(1);
      for (let days = 0; days < 40; days += 1) {
        world.clock.move(day);
        await world.ask('/f/newsletter', fill(ada));
        if (days < 27) expect((await dispatches(world)).length).toBe(Math.min(3, days + 2));
      }
      expect((await dispatches(world)).length).toBe(6);
      expect(await world.store.people.countPeople({})).toBe(1);
    }));

  test('a person who is known is not told to others, nor changed by them', () =>
    withDoor(async (world) => {
      await world.add('p-ada', {
        addresses: [{ medium: 'mail', value: 'ada@example.org' }],
        fields: { name: 'Ada' },
      });
      world.clock.move(2 * day);
      const known = await world.ask('/f/newsletter', fill({ ...ada, name: 'Eve' }));
      const unknown = await world.ask('/f/newsletter', fill({ mail: 'new@example.org' }));
      expect(known.body).toBe(unknown.body);
      expect([...known.headers.keys()]).toEqual([...unknown.headers.keys()]);
      expect((await personOf(world))?.fields).toEqual({ name: 'Ada' });
    }));

  test('who has unsubscribed may come back; who complained, or bounced, is not asked', () =>
    withDoor(async (world) => {
      const { context } = openPeopleWorld({ store: world.store });
      const { hashOf } = world;
      for (const because of ['unsubscribed', 'complaint', 'bounced'] as const) {
        const mail = `${because}@example.org`;
        const addresses = [{ medium: 'mail' as const, value: mail }];
        const person = await world.add(`p-${because}`, { addresses });
        world.clock.move(2 * day);
        const stop = { person, purpose: '*', because, by: 'x' };
        await stopPerson({ ...context, clock: world.clock, hashOf }, stop);
        await world.ask('/f/newsletter', fill({ mail }));
        const own = await world.store.people.listDispatches({ person: person.id });
        expect([because, own.length]).toEqual([because, because === 'unsubscribed' ? 1 : 0]);
      }
      world.clock.move(hour);
      const link = await linkFor(world, 'unsubscribed@example.org');
      await world.ask(link, { method: 'POST' });
      expect((await personOf(world, 'unsubscribed@example.org'))?.status).toBe('active');
      const [enrolment] = await world.store.people.listEnrolments({ person: 'p-unsubscribed' });
      expect(enrolment?.state).toBe('active');
      // Unsubscribing counts from then on, whatever an old link says.
      world.clock.move(hour);
      const path = `/u/${world.tokens.make('unsubscribe', 'welcome.hello@p-unsubscribed')}`;
      await world.ask(path, fill({ what: 'everything' }));
      world.clock.move(hour);
      expect((await world.ask(link, { method: 'POST' })).status).toBe(200);
      expect((await personOf(world, 'unsubscribed@example.org'))?.status).toBe('stopped');
      const all = await world.store.people.listEnrolments({ person: 'p-unsubscribed' });
      expect(all.map(({ state }) => state)).toEqual(['stopped']);
    }));

  test('a link of a form that is too old, forged, or of somebody forgotten', () =>
    withDoor(async (world) => {
      await world.ask('/f/newsletter', fill(ada));
      const link = await linkFor(world);
      const id = (await personOf(world))?.id ?? '';
      const forged = [
        link.slice(0, -4),
        `${link}AAAA`,
        `/c/${world.tokens.make('unsubscribe', `form-1@${id}`)}`,
        `/c/${world.tokens.make('confirm', 'form-1@nobody')}`,
        '/c/%00',
        `/c/${'A'.repeat(3000)}`,
      ];
      const before = await world.all();
      for (const path of forged)
        for (const method of ['GET', 'POST'])
          expect((await world.ask(path, { method })).status).toBe(404);
      expect(await world.all()).toBe(before);
      world.clock.move(31 * day);
      for (const method of ['GET', 'POST'])
        expect((await world.ask(link, { method })).body).toContain('too old');
      expect(await world.store.people.listEnrolments({})).toEqual([]);
      await world.store.people.forgetPerson(id);
      expect((await world.ask(link, { method: 'POST' })).status).toBe(404);
    }));
});

const withDoor = async (work: (world: PeopleDoorWorld) => Promise<void>) => {
  await using place = await peopleStores[0]!.open();
  await using world = await openPeopleDoorWorld({ store: place.store });
  await work(world);
};

test('what cannot be right is said beside its field, and nothing is kept of it', () =>
  withDoor(async (world) => {
    const before = await world.all();
    const wrong: [fields: Record<string, string>, ids: string[]][] = [
      [{ mail: '' }, ['mail']],
      [{ mail: 'ada' }, ['mail']],
      [{ mail: 'a@b@example.org' }, ['mail']],
      [{ mail: 'ada@example.org\r\nBcc: all@example.org' }, ['mail']],
      [{ mail: 'ada@example.org\nSubject: x' }, ['mail']],
      [{ mail: 'ada@example.org, eve@example.org' }, ['mail']],
      [{ mail: '"ada"@example.org' }, ['mail']],
      [{ mail: 'abuse@example.org' }, ['mail']],
      [{ mail: `${'a'.repeat(400)}@example.org` }, ['mail']],
      [{ ...ada, name: 'Win at https://evil.example' }, ['name']],
      [{ ...ada, name: 'buy.example.com now' }, ['name']],
      [{ mail: 'x', name: 'n'.repeat(61) }, ['mail', 'name']],
      [{ mail: '"><script>alert(1)</script>' }, ['mail']],
    ];
    for (const [fields, ids] of wrong) {
      const { status, body } = await world.ask('/f/newsletter', fill(fields));
      expect([fields, status]).toEqual([fields, 422]);
      expect([...body.matchAll(/aria-describedby="(\w+)-wrong"/g)].map(([, id]) => id)).toEqual(
        ids,
      );
      expect(body.match(/autofocus/g)?.length).toBe(1);
      expect(body).not.toContain('<script>');
    }
    expect(await world.all()).toBe(before);
  }));

test('programs, long bodies and other kinds of bodies', () =>
  withDoor(async (world) => {
    const before = await world.all();
    const trapped = await world.ask('/f/newsletter', fill({ ...ada, leave_empty: 'x' }));
    expect([trapped.status, trapped.body.includes('inbox')]).toEqual([200, true]);
    const rubbish = [
      { body: JSON.stringify(ada), headers: { 'content-type': 'application/json' } },
      { body: 'x'.repeat(100_000), headers: { 'content-type': 'text/plain' } },
      { body: new URLSearchParams({ ...ada, x: 'x'.repeat(20_000) }) },
      { body: 'rubbish', headers: { 'content-type': 'multipart/form-data; boundary=x' } },
      { body: 'rubbish', headers: { 'content-type': 'multipart/form-data' } },
    ];
    for (const one of rubbish)
      expect((await world.ask('/f/newsletter', { method: 'POST', ...one })).status).toBe(413);
    for (const name of ['nothing', '%00', '__proto__', 'x'.repeat(2000), '..%2f'])
      for (const sent of [{}, fill(ada)])
        expect((await world.ask(`/f/${name}`, sent)).status).toBe(404);
    expect(await world.all()).toBe(before);
  }));

test('a form of another site, with whatever fields it has', () =>
  withDoor(async (world) => {
    const multipart = new FormData();
    multipart.set('email', 'ada@example.org');
    multipart.set('city', 'Köln\r\nBcc: x');
    for (let i = 0; i < 30; i += 1) multipart.set(`f${i}`, 'x'.repeat(250));
    multipart.set('__proto__', 'x');
    const headers = { referer: 'https://shop.example/join?mail=ada@example.org#x' };
    const sent = { method: 'POST', body: multipart, headers };
    expect((await world.ask('/f/newsletter', sent)).status).toBe(200);
    const [consent] = await world.store.people.listConsents((await personOf(world))?.id ?? '');
    expect(consent?.from).toBe('https://shop.example/join');
    expect(consent?.fields?.['city']).toBe('Köln Bcc: x');
    expect(Object.keys(consent?.fields ?? {}).length).toBe(20);
    expect(Math.max(...Object.values(consent?.fields ?? {}).map((one) => one.length))).toBe(200);
  }));

test('words that have changed since they were shown are shown again', () =>
  withDoor(async (world) => {
    const sent = fill({ ...ada, version: '0123456789abcdef' });
    const { status, body } = await world.ask('/f/newsletter', sent);
    expect([status, body.includes('has changed meanwhile')]).toEqual([422, true]);
    expect(await personOf(world)).toBeUndefined();
  }));

test('ten thousand forms: few from one network, a thousand an hour, and the operator is told', () =>
  withDoor(async (world) => {
    const statuses = new Map<number, number>();
    const send = async (i: number, network: string, domain: string) => {
      const work = await easyWork(world);
      const sent = fill({ mail: `p${i}@${domain}`, work }, { 'x-forwarded-for': network });
      const { status } = await world.ask('/f/newsletter', sent);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    };
    for (let i = 0; i < 100; i += 1) await send(i, `203.0.113.${i}`, 'a.example');
    expect([...statuses]).toEqual([
      [200, 10],
      [429, 90],
    ]);
    for (let i = 0; i < 20; i += 1) await send(i, `2001:db8:1:1::${i.toString(16)}`, 'six.example');
    expect(statuses.get(200)).toBe(20);
    statuses.clear();
    for (let from = 0; from < 9880; from += 40)
      await Promise.all(
        Array.from({ length: 40 }, (_, k) => {
          const i = from + k;
          return send(1000 + i, `10.${i >> 8}.${i & 255}.1`, `d${i % 100}.example`);
        }),
      );
    expect(statuses.get(200)).toBe(980);
    expect(await world.store.people.countPeople({})).toBe(1000);
    const told = (await world.store.listJournal({})).filter(({ type }) => type === 'notice');
    expect(told.length).toBe(1);
    world.clock.move(hour);
    statuses.clear();
    await send(1, '203.0.113.1', 'b.example');
    expect(statuses.get(200)).toBe(1);
  }));

test('one form begins several sequences, and waits for one whose file is broken', async () => {
  await using place = await peopleStores[0]!.open();
  const files = {
    ...newsletter,
    'tips/_sequence.yaml': 'title: Tips\nstart: { form: newsletter }\n',
    'tips/010-hello.md': '---\nsubject: Tip\n---\nHello.',
  };
  await using world = await openPeopleDoorWorld({ store: place.store, files });
  await world.ask('/f/newsletter', fill(ada));
  const link = await linkFor(world);
  const { body } = await world.ask(link);
  expect(body).toContain('Tips, Welcome');
  const file = join(world.folder, 'tips/_sequence.yaml');
  writeFileSync(file, 'start: [');
  world.clock.move(hour);
  expect((await world.ask(link, { method: 'POST' })).status).toBe(503);
  expect(await world.store.people.listEnrolments({})).toEqual([]);
  writeFileSync(file, files['tips/_sequence.yaml']);
  world.clock.move(hour);
  expect((await world.ask(link, { method: 'POST' })).status).toBe(200);
  const entered = await world.store.people.listEnrolments({});
  expect(entered.map(({ sequence }) => sequence).toSorted()).toEqual(['tips', 'welcome']);
  expect((await dispatches(world)).length).toBe(1);
});
