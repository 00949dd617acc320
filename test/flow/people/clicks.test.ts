import { request } from 'node:http';
import { expect, test } from 'vitest';
import { peopleRecordKinds } from '../../../src/ports/people/people-store.ts';
import type { Store } from '../../../src/ports/store.ts';
import { day, minute } from '../../../src/core/time.ts';
import { findFreePort } from '../../peers/free-port.ts';
import { openMovableClock, openWorld, tuesday, until, type World } from '../world.ts';

const chrome =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) ' +
  'Chrome/138.0.0.0 Safari/537.36';

const files = {
  'posts/welcome/_sequence.yaml':
    'start: { form: newsletter }\nleave: score >= 500\nlink: https://shop.example/all\n',
  'posts/welcome/010-hello.md': [
    '---',
    'subject: Hello',
    'link: "https://shop.example/cart/{{person.cart}}?from=mail"',
    '---',
    'Hello: [the guide](https://shop.example/guide), https://shop.example/more and {{link}}.',
    'Write to <mailto:team@shop.example>, or look [here](https://shop.example/guide) again.',
  ].join('\n'),
  'posts/welcome/020-clicked.md':
    '---\nsubject: Clicked\nwait: 1d\nwhen: clicked("hello") and clicked("*/guide")\n---\nHi {{link}}.',
  'posts/welcome/030-not.md':
    '---\nsubject: Not clicked\nwait: 1d\nwhen: not clicked\n---\nHi [a](https://a.example).',
  'posts/plain/_sequence.yaml': 'start: { form: plain }\nclicks: off\n',
  'posts/plain/010-plain.md': '---\nsubject: Plain\n---\nSee https://shop.example/plain',
};

const yamlOf = (mail: { host: string; port: number }, port: number) => `
cadence: { perDay: 80000, windows: ["00:00-24:00"], minGap: 1s }
public: { url: "http://127.0.0.1:${port}", port: ${port} }
mail:
  from: "Shop <hello@shop.example>"
  postalAddress: Weg 1
  host: ${mail.host}
  port: ${mail.port}
  tls: "off"
  perSecond: 100
`;

interface Asked {
  method?: string;
  agent?: string;
  from?: string;
  headers?: Record<string, string>;
}

/** As a browser goes to a page: Chromium tells it to servers on this machine. */
function open(url: string, { method = 'GET', agent = chrome, from, headers }: Asked = {}) {
  const sent = {
    'user-agent': agent,
    'sec-fetch-mode': 'navigate',
    ...(from === undefined ? {} : { 'x-forwarded-for': from }),
    ...headers,
  };
  return new Promise<{ status: number; location: string | undefined }>((resolve, reject) => {
    request(url, { method, headers: sent, agent: false }, (answer) => {
      const { statusCode = 0, headers: got } = answer;
      answer.resume().once('end', () => resolve({ status: statusCode, location: got.location }));
    })
      .once('error', reject)
      .end();
  });
}

async function openClicks(clock = openMovableClock(tuesday)) {
  const port = await findFreePort();
  const world = await openWorld({ clock, yaml: ({ mail }) => yamlOf(mail, port), files });
  return { world, clock, port, url: `http://127.0.0.1:${port}` };
}

const linksIn = (text: string) => [
  ...new Set([...text.matchAll(/https?:\/\/[^\s<>"')]+\/[\w-]+/g)].map(([url]) => url)),
];

async function confirmed(world: World, url: string, name: string): Promise<void> {
  const mail = `${name}@example.org`;
  const before = world.sandbox.mails().length;
  const body = new URLSearchParams({ mail, cart: `of-${name}` });
  expect((await fetch(`${url}/f/newsletter`, { method: 'POST', body })).status).toBe(200);
  await until('the mail that asks is there', () => world.sandbox.mails().length > before);
  const asks = world.sandbox.mails().find(({ to }) => to === mail);
  const confirm = linksIn(asks?.text ?? '').find((one) => one.includes('/c/')) ?? '';
  expect(confirm).not.toBe('');
  expect((await fetch(confirm, { method: 'POST' })).status).toBe(200);
  await until('the first step is there', () => stepsOf(world, mail).length === 1);
}

const stepsOf = (world: World, mail: string) =>
  world.sandbox.mails().filter(({ to, subject }) => to === mail && !subject.includes('confirm'));

async function actsOf(store: Store, kind: 'clicked' = 'clicked') {
  const all = [];
  for (const { id } of await store.people.listPeople({ limit: 100 }))
    all.push(...(await store.people.listActs({ person: id, kinds: [kind] })));
  return all;
}

/** Consents, stops, enrolments and dispatches, as text. */
const stateOf = async ({ people }: Store) =>
  JSON.stringify(
    await Promise.all(
      peopleRecordKinds
        .filter((kind) => !['act', 'person', 'body'].includes(kind))
        .map((kind) => people.listRecords({ kind, limit: 1000 })),
    ),
  ).replaceAll(/"(nextAt|why|revision)":[^,}]*/g, '');

test('each link of a step is counted by an address of its own, and leads to what the file says', async () => {
  const { world, clock, url } = await openClicks();
  await using _world = world;
  await using served = await world.serve();
  const { store } = served.context;
  await world.say('resume');
  await confirmed(world, url, 'ada');
  const [first] = stepsOf(world, 'ada@example.org');
  const text = first?.text ?? '';
  const counted = linksIn(text).filter((one) => one.startsWith(`${url}/l/`));
  expect(text).not.toContain('shop.example/');
  expect(text).toContain('team@shop.example');
  expect(counted).toHaveLength(3);
  for (const one of counted) expect(one.slice(url.length)).toMatch(/^\/l\/[0-9A-Za-z]{16}$/);
  expect(linksIn(text).filter((one) => one.includes('/u/'))).toHaveLength(1);
  // A person reads it, and opens one link after the other.
  clock.move(10 * minute);
  const led: (string | undefined)[] = [];
  for (const one of counted) {
    led.push((await open(one)).location);
    expect((await open(one, { method: 'HEAD' })).status).toBe(302);
  }
  expect(led.toSorted()).toEqual([
    'https://shop.example/cart/of-ada?from=mail',
    'https://shop.example/guide',
    'https://shop.example/more',
  ]);
  await until('the clicks are there', async () => (await actsOf(store)).length === 3);
  // Three at once are a burst: it is looked at again in peace.
  expect((await actsOf(store)).map(({ verdict }) => verdict)).toEqual([
    'unsure',
    'unsure',
    'unsure',
  ]);
  await until('the others are counted, too', async () => {
    const { machines = 0 } = (await world.say('sequences welcome')).steps[0].clicks ?? {};
    return machines === 3;
  });
  await open(counted[0] ?? '');
  await until('a click is there', async () =>
    (await actsOf(store)).some(({ verdict }) => verdict === 'person'),
  );
  for (let i = 0; i < 3; i += 1) await open(counted[0] ?? '');
  clock.move(day);
  await until('the next step is there', () => stepsOf(world, 'ada@example.org').length === 2);
  expect(stepsOf(world, 'ada@example.org')[1]?.subject).toBe('Clicked');
  const [id] = (await store.people.listPeople({ limit: 1 })).map((one) => one.id);
  const figures = await world.say('sequences welcome');
  expect(figures.steps[0].clicks).toMatchObject({ people: 1, unsure: 3 });
  expect(figures.steps[0].clicks.machines).toBeGreaterThan(0);
  expect((await world.say(`person ${id}`)).acts).toEqual(
    expect.arrayContaining([
      expect.objectContaining({
        kind: 'clicked',
        dispatch: `welcome.hello@${id}`,
        url: expect.stringContaining('https://shop.example/'),
      }),
    ]),
  );
  // Who is forgotten leaves a link that leads on, and counts nothing.
  await world.say(`forget ${id}`);
  const leads = await Promise.all(counted.map(async (one) => (await open(one)).location));
  expect(leads.toSorted()).toEqual([
    'https://shop.example/cart/?from=mail',
    'https://shop.example/guide',
    'https://shop.example/more',
  ]);
  const journal = JSON.stringify(await store.listJournal({}));
  expect(journal).not.toContain('of-ada');
  expect(await actsOf(store)).toEqual([]);
});

test('a scanner that opens every link of every mail changes nothing', async () => {
  const { world, clock, url } = await openClicks();
  await using _world = world;
  await using served = await world.serve();
  const { store } = served.context;
  await world.say('resume');
  for (const name of ['ann', 'ben', 'cem']) await confirmed(world, url, name);
  const body = new URLSearchParams({ mail: 'new@example.org' });
  expect((await fetch(`${url}/f/newsletter`, { method: 'POST', body })).status).toBe(200);
  await until('all mails are there', () => world.sandbox.mails().length === 7);
  await until('all is settled', async () => {
    const states = await store.people.listDispatches({});
    return states.length === 7 && states.every(({ state }) => state === 'sent');
  });
  const before = await stateOf(store);
  const scanners: Asked[] = [
    { agent: chrome, from: '198.51.100.7' },
    { agent: chrome, from: '198.51.100.8', method: 'HEAD' },
    { agent: 'Mozilla/5.0 (compatible; BingPreview/1.0b)', from: '198.51.100.9' },
    { agent: '', from: '198.51.100.10' },
    { agent: chrome, headers: { 'sec-purpose': 'prefetch' }, from: '198.51.100.11' },
  ];
  const all = world.sandbox.mails().map(({ text }) => linksIn(text));
  expect(all.flat().some((one) => one.includes('/c/'))).toBe(true);
  expect(all.flat().some((one) => one.includes('/u/'))).toBe(true);
  // At once when it comes in, and again later.
  for (const wait of [0, 20 * minute]) {
    clock.move(wait);
    for (const links of all)
      for (const scanner of scanners)
        await Promise.all(
          links.map(async (link) => expect((await open(link, scanner)).status).toBeLessThan(400)),
        );
  }
  await until('all of it is judged', async () => {
    const clicks = (await world.say('sequences welcome')).steps[0].clicks ?? {};
    return clicks.machines >= 9 && clicks.unsure >= 9;
  });
  expect((await actsOf(store)).map(({ verdict }) => verdict)).not.toContain('person');
  expect((await stateOf(store)) === before).toBe(true);
  const scores = (await store.people.listPeople({ limit: 10 })).map(({ score }) => score);
  expect(scores).toEqual([0, 0, 0, 0]);
  clock.move(day);
  await until('the step for those who clicked is passed over', async () =>
    (await store.people.listEnrolments({})).every(({ done }) => done.includes('clicked')),
  );
  clock.move(day);
  await until('the step for those who did not click', () =>
    ['ann', 'ben', 'cem'].every((name) => stepsOf(world, `${name}@example.org`).length === 2),
  );
  expect(stepsOf(world, 'ben@example.org')[1]?.subject).toBe('Not clicked');
  // A mail with a single link, opened as it comes in.
  for (const name of ['ann', 'ben', 'cem']) {
    const { text = '' } = stepsOf(world, `${name}@example.org`)[1] ?? {};
    const [only = ''] = linksIn(text).filter((one) => one.includes('/l/'));
    await open(only, { from: '198.51.100.20' });
  }
  await until('that is judged, too', async () =>
    Boolean((await world.say('sequences welcome')).steps[2].clicks?.unsure),
  );
  expect((await actsOf(store)).map(({ verdict }) => verdict)).not.toContain('person');
});

test('a sequence whose clicks are off has its links as they are written', async () => {
  const { world, url } = await openClicks();
  await using _world = world;
  await using served = await world.serve();
  await world.say('resume');
  const body = new URLSearchParams({ mail: 'ada@example.org' });
  expect((await fetch(`${url}/f/plain`, { method: 'POST', body })).status).toBe(200);
  await until('the mail that asks is there', () => world.sandbox.mails().length === 1);
  const confirm = linksIn(world.sandbox.mails()[0]?.text ?? '').find((one) => one.includes('/c/'));
  expect((await fetch(confirm ?? '', { method: 'POST' })).status).toBe(200);
  await until('the step is there', () => stepsOf(world, 'ada@example.org').length === 1);
  expect(stepsOf(world, 'ada@example.org')[0]?.text).toContain('https://shop.example/plain');
  expect(await served.context.store.listLinks({})).toEqual([]);
});
