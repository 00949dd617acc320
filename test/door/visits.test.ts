import { expect, test } from 'vitest';
import { hour } from '../../src/core/time.ts';
import { visitScript } from '../../src/door/people/visits/visit-script.ts';
import { peopleStores } from '../flow/people/stores.ts';
import { makeDispatch, makeEnrolment } from '../store/people-kit.ts';
import { ask, firefox } from './kit.ts';
import { openPeopleDoorWorld, type PeopleDoorWorld } from './people-kit.ts';

const origin = 'https://shop.example';

async function addSent(world: PeopleDoorWorld): Promise<string> {
  const { id } = await world.add('p-ada');
  const { people } = world.store;
  const enrolment = makeEnrolment('welcome', id);
  await people.addEnrolment(enrolment);
  const sentAt = world.clock.now() - hour;
  const dispatch = makeDispatch(enrolment, 'hello', { state: 'sent', sentAt });
  await people.change({ dispatch: { after: dispatch } });
  const code = 'visit00000000000';
  const own = { delivery: dispatch.id, createdAt: sentAt };
  await people.putBody({ person: id, hash: 'h', bytes: new Uint8Array([1]) }, [
    { ...own, code, target: `${origin}/guide` },
    { ...own, code: 'other00000000000', target: 'https://other.example/' },
  ]);
  return code;
}

const visits = async ({ store, flush }: PeopleDoorWorld) => {
  await flush();
  return store.people.listActs({ person: 'p-ada', kinds: ['visited'] });
};

test('only sites that are named are led to with a token, and only they may tell', async () => {
  await using place = await peopleStores[0]!.open();
  await using world = await openPeopleDoorWorld({ store: place.store, visits: [origin] });
  const code = await addSent(world);
  const headers = { 'user-agent': firefox };
  const location = async (path: string, method = 'GET') =>
    (await ask(world.port, path, { method, headers })).headers['location'];
  const led = ((await location(`/l/${code}`)) ?? '').toString();
  expect(led).toMatch(/^https:\/\/shop\.example\/guide#dl=[\w-]{38}$/);
  expect(await location(`/l/${code}`, 'HEAD')).toBe(led);
  const token = led.split('dl=')[1] ?? '';
  const tell = (body: string, more: Record<string, string> = {}) =>
    world.ask('/v', { method: 'POST', body, headers: { ...headers, origin, ...more } });
  // A form, another site, a part of its name, no site at all.
  for (const wrong of [
    'https://evil.example',
    'https://shop.example.evil.example',
    'http://shop.example',
    'null',
    '',
  ]) {
    const { status, headers: got } = await tell(`${token} /a`, { origin: wrong });
    expect([wrong, status, got.get('access-control-allow-origin')]).toEqual([wrong, 403, null]);
  }
  const ok = await tell(`${token} /a`);
  expect(ok.status).toBe(204);
  expect(ok.headers.get('access-control-allow-origin')).toBe(origin);
  expect(ok.headers.get('vary')).toBe('Origin');
  expect(ok.headers.get('set-cookie')).toBeNull();
  // Whatever else is answered alike, and is nothing.
  for (const body of [
    '',
    token,
    `${token} `,
    `${token} a`,
    `${token} /${'x'.repeat(5000)}`,
    `${world.tokens.make('unsubscribe', code)} /b`,
    `${world.tokens.make('visit', 'none000000000000')} /b`,
    `${code} /b`,
    `${token} /b\n/c`,
  ])
    expect((await tell(body)).status).toBe(204);
  for (const agent of ['curl/8', 'Mozilla/5.0 (compatible; bingbot/2.0)', ''])
    await tell(`${token} /machine`, { 'user-agent': agent });
  expect((await visits(world)).map(({ url, verdict }) => [url, verdict])).toEqual([
    [`${origin}/a`, 'person'],
  ]);
  expect(await location('/l/other00000000000')).toBe('https://other.example/');
  const asks = { origin, 'access-control-request-method': 'POST' };
  const options = await world.ask('/v', { method: 'OPTIONS', headers: asks });
  expect([options.status, options.headers.get('access-control-allow-origin')]).toEqual([
    204,
    origin,
  ]);
  expect((await world.ask('/v')).status).toBe(405);
  // One reader cannot fill the store.
  for (let i = 0; i < 100; i += 1) await tell(`${token} /page-${i}?q=${i}`);
  for (let i = 0; i < 100; i += 1) await tell(`${token} /page-${i}`);
  expect((await visits(world)).length).toBeLessThanOrEqual(21);
});

test('where nobody opened the link, nobody knows who reads; who is forgotten is not told of', async () => {
  await using place = await peopleStores[0]!.open();
  await using world = await openPeopleDoorWorld({ store: place.store, visits: [origin] });
  const token = world.tokens.make('visit', await addSent(world));
  const headers = { origin, 'user-agent': firefox };
  await world.ask('/v', { method: 'POST', body: `${token} /a`, headers });
  expect((await visits(world)).map(({ verdict }) => verdict)).toEqual(['unsure']);
  await world.store.people.forgetPerson('p-ada');
  expect((await world.ask('/v', { method: 'POST', body: `${token} /b`, headers })).status).toBe(
    204,
  );
  expect(await visits(world)).toEqual([]);
});

test('the script is small, and neither it nor its answers are there where no site tells', async () => {
  await using place = await peopleStores[0]!.open();
  await using world = await openPeopleDoorWorld({ store: place.store, visits: [origin] });
  const { status, headers, body } = await world.ask('/v.js');
  expect([status, body]).toEqual([200, visitScript]);
  expect(headers.get('content-type')).toContain('text/javascript');
  expect(Buffer.byteLength(body)).toBeLessThan(1000);
  expect(body).not.toMatch(/cookie|localStorage/);
  await using other = await peopleStores[0]!.open();
  await using without = await openPeopleDoorWorld({ store: other.store });
  expect((await without.ask('/v.js')).status).toBe(404);
  const told = await without.ask('/v', { method: 'POST', body: 'x', headers: { origin } });
  expect(told.status).toBe(405);
});
