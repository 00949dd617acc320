import { createServer, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { isbot } from 'isbot';
import { judgeClick } from '../../src/core/clicks/judge-click.ts';
import { day } from '../../src/core/time.ts';
import { denseCadence, openMovableClock, openWorld, tuesday, until } from '../flow/world.ts';

/** A door of the test's own: it only listens. */
async function openListening() {
  const seen: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    seen.push(request);
    response.writeHead(302, { location: 'https://shop.example/' }).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  return { seen, url, port, [Symbol.dispose]: () => void server.close() };
}

const judge = ({ method = '', headers }: IncomingMessage) =>
  judgeClick({
    method,
    agent: headers['user-agent'],
    isKnownBot: isbot(headers['user-agent']),
    purpose: undefined,
    fetchMode: [headers['sec-fetch-mode']].flat()[0],
    isTrustworthy: true,
  });

test('machines open a link as each network does, then people with browsers, each their own', async () => {
  using listening = await openListening();
  // Of four posts, X asks four times and Mastodon once.
  const machines = 4 * 5;
  const clock = openMovableClock(tuesday);
  // The door that the posts lead to is another process's: nothing is opened here.
  await using world = await openWorld({
    clock,
    yaml: `${denseCadence}\npublic: { url: "${listening.url}", port: 0 }\nlinks: counted`,
    files: Object.fromEntries(
      ['One', 'Two', 'Three', 'Four'].map((word) => [
        `posts/${word}.md`,
        `---\nlink: https://shop.example/${word}\n---\n${word} {{link}}`,
      ]),
    ),
  });
  await using _served = await world.serve();
  await using _readers = world.sandbox.readLinks(listening.url);
  await world.say('resume');
  await until('all is out', () => world.sandbox.accepted().length === 12);
  await until('the machines were there', () => listening.seen.length >= machines);
  clock.move(2 * day);
  const wanted = world.sandbox
    .accepted()
    .map(({ network, id }) => world.sandbox.opened(network, id));
  const people = wanted.reduce((sum, one) => sum + (one?.people ?? 0), 0);
  await until('the people came', () => listening.seen.length >= machines + people);
  const judged = Map.groupBy(listening.seen, judge);
  expect(people).toBeGreaterThan(0);
  expect(judged.get('person')?.length).toBe(people);
  expect(judged.get('machine')?.length).toBe(machines);
  expect(judged.get('unsure')).toBeUndefined();
  const clients = judged.get('person')?.map(({ headers }) => String(headers['x-forwarded-for']));
  expect(new Set(clients).size).toBeGreaterThan(people * 0.9);
  const heads = listening.seen.filter(({ method }) => method === 'HEAD');
  expect(heads).toHaveLength(4 * 3);
});
