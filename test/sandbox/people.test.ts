import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { imagineDeeds, imaginePerson } from '../../src/app/sandbox/people/imagine-people.ts';
import { openLivePeople } from '../../src/app/sandbox/people/live-people.ts';
import { day, hour } from '../../src/core/time.ts';
import type { AcceptedMail } from '../../src/sandbox/open-sandbox.ts';
import { openMemoryStore } from '../../src/store/memory-store.ts';
import { until } from '../flow/world.ts';
import { openPeopleWorld, sequence, step } from '../flow/people/people-world.ts';

test('somebody signs up each day, once, reads mails, and unsubscribes by one click of the mail', async () => {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (piece) => (body += piece));
    request.on('end', () => {
      seen.push(`${request.method} ${request.url} ${body}`);
      response.end();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const door = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await using store = openMemoryStore();
  const world = openPeopleWorld({
    store,
    sequences: [sequence([step('hello'), step('more', { waitFor: hour })])],
  });
  const mails = (): AcceptedMail[] =>
    world.received.map(({ dispatch, to, messageId }) => ({
      to,
      from: 'hello@acme.example',
      subject: '',
      messageId,
      at: '',
      text: `Hello. To stop: ${door}/u/of-${dispatch.replaceAll(/\W/g, '-')}. Bye.`,
    }));
  const people = async () => store.people.countPeople({});
  const open = () => openLivePeople(world.context, { sandbox: { mails }, door, lookEvery: 10 });
  {
    await using _living = open();
    await until('the first one is there', async () => (await people()) === 1);
  }
  {
    // A new start does not add the same day's person again, and a clock further on does.
    await using _living = open();
    for (let days = 2; days <= 40; days += 1) {
      world.clock.move(day);
      await until(`day ${days}`, async () => (await people()) === days);
      await world.settle();
    }
    const leavers = world.received.filter(({ dispatch }) =>
      imagineDeeds(dispatch).some(({ deed }) => deed === 'unsubscribed'),
    );
    expect(leavers.length).toBeGreaterThan(0);
    await until('who wants no more has said so', () => seen.length > 0);
  }
  server.close();
  expect(seen[0]).toMatch(/^POST \/u\/of-welcome-\w+-p-\w+ List-Unsubscribe=One-Click$/);
  expect(new Set(seen).size).toBe(seen.length);
  const kinds = new Set<string>();
  for (const { id } of await store.people.listPeople({ limit: 100 }))
    for (const { kind } of await store.people.listActs({ person: id })) kinds.add(kind);
  expect([...kinds].sort()).toEqual(expect.arrayContaining(['bought', 'clicked', 'confirmed']));
});

test('the people are the same for the same key, and nobody out there has their address', () => {
  const one = imaginePerson('2026-03-02', 5, 'http://127.0.0.1:4335');
  expect(imaginePerson('2026-03-02', 5, 'http://127.0.0.1:4335')).toEqual(one);
  expect(one.person.id).toMatch(/^p-\w{6}$/);
  expect(one.consents[0]?.addressKey).toMatch(/^mail:\w+\.p-\w{6}@people\.example$/);
  const ids = Array.from({ length: 300 }, (_, i) => imaginePerson(`past ${i}`, 0, '').person.id);
  expect(new Set(ids).size).toBe(300);
});
