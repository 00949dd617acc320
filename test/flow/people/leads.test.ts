import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { openLeadHook } from '../../../src/app/people/lead-hook.ts';
import { describingLeads } from '../../../src/flow/people/leads/describe-leads.ts';
import { toNotice } from '../../../src/flow/notify/notify-pick.ts';
import { hour, minute } from '../../../src/core/time.ts';
import { handOver } from '../../../src/flow/people/hand-to-human.ts';
import { takeActs } from '../../../src/flow/people/take-acts.ts';
import type { Notice } from '../../../src/ports/notice-channel.ts';
import { openMemoryStore } from '../../../src/store/memory-store.ts';
import { openPeopleWorld } from './people-world.ts';

const closing: (() => void)[] = [];
afterEach(() => closing.splice(0).forEach((close) => close()));

const secret = 'a secret of the operator';

/** A program of the operator's, which answers as it is told. */
async function openProgram() {
  const got: { id: string; person: { id: string }; words?: string }[] = [];
  const heads: Record<string, string | undefined>[] = [];
  const answers: number[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const { 'dripline-signature': signature, 'idempotency-key': key } = request.headers;
      heads.push({ signature: String(signature), key: String(key), body });
      const status = answers.shift() ?? 200;
      if (status < 300) got.push(JSON.parse(body));
      response.writeHead(status).end();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/leads`;
  return { url, got, heads, answers };
}

async function open() {
  const program = await openProgram();
  const store = openMemoryStore();
  const world = openPeopleWorld({ store, leadHook: openLeadHook({ url: program.url, secret }) });
  await world.sweep();
  const notices = async () =>
    (await store.listJournal({ types: ['notice'] })).map(({ text }) => text);
  return { ...program, store, world, notices };
}

test('a hand-over is told once, signed, with who it is and what they wrote', async () => {
  const { world, got, heads } = await open();
  await world.add('p-1', { fields: { name: 'Ada' } });
  const at = world.clock.now();
  const words = 'Do you ship to Norway?';
  await takeActs(world.context, [{ id: 'r', person: 'p-1', kind: 'replied', at, words }]);
  for (let i = 0; i < 5; i += 1) await world.sweep();
  world.restart();
  world.clock.move(hour);
  for (let i = 0; i < 3; i += 1) await world.sweep();
  expect(got).toHaveLength(1);
  expect(got[0]).toMatchObject({
    why: 'the person has answered',
    words,
    person: { id: 'p-1', fields: { name: 'Ada' }, status: 'handed-over', score: 10 },
    did: [{ what: 'replied', words }],
    from: [{ way: 'form', purpose: '*' }],
  });
  const [{ signature = '', key, body } = {}] = heads;
  const [, seconds, digest] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(signature) ?? [];
  const expected = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');
  expect(digest).toBe(expected);
  expect(key).toBe(got[0]?.id);
});

test('what cannot be reached is told again under the same id, in order, and the operator hears of it once', async () => {
  const { world, got, heads, answers, notices } = await open();
  for (const id of ['p-1', 'p-2']) {
    await world.add(id);
    await handOver(world.context, id, 'the score has reached 30');
  }
  answers.push(503, 500, 429, 503);
  for (let i = 0; i < 12; i += 1) {
    await world.sweep();
    world.clock.move(10 * minute);
  }
  expect(got.map(({ person }) => person.id)).toEqual(['p-1', 'p-2']);
  expect(new Set(heads.slice(0, 5).map(({ key }) => key)).size).toBe(1);
  expect(await notices()).toEqual([
    'leads.webhook cannot be reached: it answered 429: check leads.webhook in the configuration. ' +
      'p-1 is told as soon as it can',
  ]);
});

test('what is refused for good is reported, and holds up nobody behind it', async () => {
  const { world, got, answers, notices } = await open();
  for (const id of ['p-1', 'p-2']) {
    await world.add(id);
    await handOver(world.context, id, 'the score has reached 30');
  }
  answers.push(400);
  for (let i = 0; i < 3; i += 1) await world.sweep();
  expect(got.map(({ person }) => person.id)).toEqual(['p-2']);
  expect(await notices()).toEqual([
    'p-1 was not told: it answered 400: check leads.webhook in the configuration',
  ]);
});

test('who was forgotten meanwhile is told of to nobody', async () => {
  const { world, store, got } = await open();
  await world.add('p-1');
  await handOver(world.context, 'p-1', 'the score has reached 30');
  await store.people.forgetPerson('p-1');
  for (let i = 0; i < 3; i += 1) await world.sweep();
  expect(got).toEqual([]);
});

test('the notice of a hand-over says who it is, and the journal does not', async () => {
  const { world, store } = await open();
  await world.add('p-1', { fields: { name: 'Ada\nLovelace' } });
  const at = world.clock.now();
  const words = 'Do you ship to Norway?';
  await takeActs(world.context, [{ id: 'r', person: 'p-1', kind: 'replied', at, words }]);
  const entries = await store.listJournal({ types: ['handed-over'] });
  const told: Notice[] = [];
  const channel = { name: 'x', send: async (notice: Notice) => void told.push(notice) };
  const { signal } = new AbortController();
  await describingLeads(world.context, channel).send(toNotice(entries), signal);
  expect(told[0]?.text.split('\n')).toEqual([
    'p-1 is handed over to a human: the person has answered',
    'Ada Lovelace, p-1@example.org',
    expect.stringMatching(/^came by: form .*for \*$/),
    'did: replied 2026-03-02',
    'wrote: “Do you ship to Norway?”',
  ]);
  expect(JSON.stringify(await store.listJournal({}))).not.toMatch(/Lovelace|example\.org|Norway/);
});
