import { type Challenge, solveChallenge } from 'altcha-lib';
import { deriveKey } from 'altcha-lib/algorithms/pbkdf2';
import { expect, test } from 'vitest';
import { peopleStores } from '../flow/people/stores.ts';
import { wholeLanguage } from '../sources/whole-language.ts';
import { easyWork } from './easy-work.ts';
import { openPeopleDoorWorld, type PeopleDoorWorld } from './people-kit.ts';

async function withDoor(work: (world: PeopleDoorWorld) => Promise<void>): Promise<void> {
  await using place = await peopleStores[0]!.open();
  await using world = await openPeopleDoorWorld({ store: place.store });
  await work(world);
}

let count = 0;

/** Each for an address of its own, at a domain of its own. */
async function send({ ask }: PeopleDoorWorld, network: string, work?: string): Promise<number> {
  count += 1;
  const mail = { mail: `w${count}@d${count}.example`, ...(work === undefined ? {} : { work }) };
  const headers = { 'x-forwarded-for': network };
  const body = new URLSearchParams(mail);
  return (await ask('/f/newsletter', { method: 'POST', headers, body })).status;
}

/** How many of twelve are taken. */
async function many(world: PeopleDoorWorld, network: string, make?: () => Promise<string>) {
  const all: number[] = [];
  for (let i = 0; i < 12; i += 1) all.push(await send(world, network, await make?.()));
  return all.filter((status) => status === 200).length;
}

test('a form, its page and its consent are in a language of a file, and a broken one is left out', async () => {
  await using place = await peopleStores[0]!.open();
  const forms = {
    'fr.yaml': wholeLanguage((key, text) => (key === 'send' ? "S'inscrire" : `FR ${text}`)),
    'it.yaml': 'send: Iscriviti',
  };
  await using world = await openPeopleDoorWorld({ store: place.store, forms });
  const page = (lang: string) =>
    world.ask('/f/newsletter', { headers: { 'accept-language': lang } });
  const french = (await page('fr-CA')).body;
  expect(french).toContain('<html lang="fr">');
  expect(french).toContain('S&#39;inscrire');
  expect((await page('it')).body).toContain('<html lang="en">');
  expect(world.warned).toEqual([expect.stringContaining('config/forms/it.yaml')]);
  const version = /name="version" value="(\w+)"/.exec(french)?.[1] ?? '';
  const body = new URLSearchParams({ mail: 'ada@example.org', version });
  const sent = await world.ask('/f/newsletter', { method: 'POST', body });
  expect(sent.status).toBe(200);
  const person = await world.store.people.findPersonByAddress('mail:ada@example.org');
  const [consent] = await world.store.people.listConsents(person?.id ?? '');
  expect(consent).toMatchObject({
    lang: 'fr',
    words: expect.stringMatching(/^FR I want.*Welcome/),
  });
});

test('without work fewer forms are taken from one network than with it', () =>
  withDoor(async (world) => {
    expect(await many(world, '198.51.1.1')).toBe(5);
    expect(await many(world, '198.51.2.1', () => easyWork(world))).toBe(10);
    // Whoever has used up what there is without work may go on with it.
    expect(await many(world, '198.51.1.1', () => easyWork(world))).toBe(5);
    const { fields } = (await world.store.people.listPeople({ limit: 1 }))[0]!;
    expect(fields).toEqual({});
    const [consent] = await world.store.people.listRecords({ kind: 'consent', limit: 1 });
    expect(consent?.fields).toBeUndefined();
  }));

test('what the door asks for can be worked out, is good once, and in another run of it, too', () =>
  withDoor(async (world) => {
    const made = await world.ask('/f/newsletter/work');
    expect(made.headers.get('access-control-allow-origin')).toBe('*');
    const challenge = JSON.parse(made.body) as Challenge;
    const solution = await solveChallenge({ challenge, deriveKey });
    const whole = JSON.stringify({ challenge, solution });
    for (let i = 0; i < 5; i += 1) expect(await send(world, '192.0.2.1')).toBe(200);
    expect(await send(world, '192.0.2.1')).toBe(429);
    expect(await send(world, '192.0.2.1', whole)).toBe(200);
    expect(await send(world, '192.0.2.1', whole)).toBe(429);
    expect(await world.store.listFacts('used:')).toHaveLength(1);
    expect((await world.ask('/f/none/work')).status).toBe(404);
  }));

test('work that is forged, too old, for another form or none at all is no work', () =>
  withDoor(async (world) => {
    const whole = JSON.parse(await easyWork(world)) as { challenge: Challenge };
    const { challenge } = whole;
    const { parameters } = challenge;
    const wrong = [
      '',
      '{}',
      'null',
      '[[[[',
      'x'.repeat(4900),
      await easyWork(world, { until: world.clock.now() - 1 }),
      await easyWork(world, { form: 'other' }),
      // A signature is looked at before anything is worked out.
      JSON.stringify({
        ...whole,
        challenge: { ...challenge, parameters: { ...parameters, cost: 1e9 } },
      }),
      JSON.stringify({ ...whole, challenge: { parameters } }),
      JSON.stringify({ challenge, solution: { counter: 0, derivedKey: 'ab' } }),
      JSON.stringify({ challenge, solution: { counter: -1, derivedKey: 'ab'.repeat(32) } }),
    ];
    for (const [i, one] of wrong.entries()) {
      const taken = await many(world, `198.51.${i}.1`, async () => one);
      expect([one.slice(0, 60), taken]).toEqual([one.slice(0, 60), 5]);
    }
    expect(await world.store.listFacts('used:')).toEqual([]);
  }));
