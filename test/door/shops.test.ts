import { execFile } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { peopleStores } from '../flow/people/stores.ts';
import { newsletter, openPeopleDoorWorld, type PeopleDoorWorld } from './people-kit.ts';

const secret = 'a-secret-of-twenty-characters';
const files = {
  ...newsletter,
  'cart/_sequence.yaml': 'title: Cart\nstart: { event: cart.updated, wait: 4h }\ngoal: bought\n',
  'cart/010-hello.md': '---\nsubject: Your cart\n---\nHello.',
};

const sign = (body: string, by = secret) => createHmac('sha256', by).update(body).digest('base64');

const signatures: Record<string, string> = {
  woocommerce: 'X-WC-Webhook-Signature',
  shopify: 'X-Shopify-Hmac-Sha256',
};

async function tell(
  world: PeopleDoorWorld,
  shop: string,
  { topic, value, ...more }: { topic: string; value: unknown; by?: string; body?: string },
) {
  const body = more.body ?? JSON.stringify(value);
  const answer = await world.ask(`/e/${shop}`, {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/json',
      [signatures[shop] ?? '']: sign(body, more.by),
      [shop === 'shopify' ? 'X-Shopify-Topic' : 'X-WC-Webhook-Topic']: topic,
    },
  });
  return { status: answer.status, json: JSON.parse(answer.body) as Record<string, unknown> };
}

/** What WooCommerce 9 sends, shortened. */
const order = (status: string, more: Record<string, unknown> = {}) => ({
  id: 727,
  number: '727',
  status,
  currency: 'EUR',
  date_created_gmt: '2026-03-02T07:00:00',
  date_modified_gmt: '2026-03-02T07:30:00',
  total: '29.35',
  billing: { first_name: 'Ada', email: 'P-Ada@example.org' },
  line_items: [
    { id: 1, name: 'Planner' },
    { id: 2, name: 'Pen' },
  ],
  ...more,
});

/** What Shopify sends of a checkout, shortened. */
const checkout = (more: Record<string, unknown> = {}) => ({
  id: 981820079255243500,
  token: '123123123',
  email: 'p-ada@example.org',
  created_at: '2026-03-02T08:00:00+01:00',
  updated_at: '2026-03-02T08:10:00+01:00',
  completed_at: null,
  abandoned_checkout_url: 'https://shop.example/checkouts/123123123/recover?key=1',
  total_price: '29.35',
  currency: 'EUR',
  line_items: [{ title: 'Planner' }],
  ...more,
});

const [first] = peopleStores;

async function withDoor(work: (world: PeopleDoorWorld) => Promise<void>): Promise<void> {
  await using place = await first!.open();
  const events = { woocommerce: { secret }, shopify: { secret } };
  await using world = await openPeopleDoorWorld({ store: place.store, files, events });
  await world.add('p-ada');
  await work(world);
}

const actsOf = async ({ store }: PeopleDoorWorld) =>
  (await store.people.listActs({ person: 'p-ada' })).toReversed();

test('an order of WooCommerce that is not paid is a cart, and one that is ordered is bought, each once', () =>
  withDoor(async (world) => {
    const woo = (status: string, topic = 'order.updated') =>
      tell(world, 'woocommerce', { topic, value: order(status) });
    for (const status of ['pending', 'failed', 'pending'])
      expect(await woo(status)).toEqual({ status: 200, json: { accepted: 1, known: 1 } });
    expect(await world.store.people.listEnrolments({})).toMatchObject([
      { id: 'cart@p-ada', state: 'waiting', by: 'event' },
    ]);
    for (const status of ['on-hold', 'processing', 'completed', 'processing'])
      expect((await woo(status)).json).toEqual({ accepted: 1, known: 1 });
    expect(
      (await actsOf(world)).map(({ kind, name, at, words }) => [kind, name, at, words]),
    ).toEqual([
      ['bought', undefined, Date.parse('2026-03-02T07:00:00Z'), expect.stringContaining('29.35')],
      ['event', 'cart.updated', Date.parse('2026-03-02T07:30:00Z'), expect.any(String)],
    ]);
    expect((await actsOf(world)).at(-1)?.words).toContain('Planner, Pen');
    for (const [status, topic] of [
      ['trash', 'order.updated'],
      ['processing', 'customer.updated'],
    ] as const)
      expect(await woo(status, topic)).toEqual({ status: 200, json: { accepted: 0, known: 0 } });
  }));

test('WooCommerce asks whether somebody is there before it saves a webhook, and does not sign that', () =>
  withDoor(async (world) => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const ping = { method: 'POST', body: 'webhook_id=3', headers };
    expect((await world.ask('/e/woocommerce', ping)).status).toBe(200);
    expect((await world.ask('/e/shopify', ping)).status).toBe(401);
  }));

test('a checkout of Shopify is a cart, and whatever tells of its order is one purchase', () =>
  withDoor(async (world) => {
    for (const topic of ['checkouts/create', 'checkouts/update'])
      expect(await tell(world, 'shopify', { topic, value: checkout() })).toEqual({
        status: 200,
        json: { accepted: 1, known: 1 },
      });
    const paid = { ...checkout(), id: 450789469, name: '#1001' };
    for (const topic of ['orders/create', 'orders/paid', 'orders/updated'])
      expect((await tell(world, 'shopify', { topic, value: paid })).json).toEqual({
        accepted: 1,
        known: 1,
      });
    expect((await actsOf(world)).map(({ kind }) => kind)).toEqual(['bought', 'event']);
    for (const [topic, value] of [
      ['carts/update', { id: 'abc', token: 'abc', line_items: [] }],
      ['checkouts/update', checkout({ email: null })],
      ['checkouts/update', checkout({ completed_at: '2026-03-02T08:20:00+01:00' })],
      ['products/update', { id: 1 }],
      ['orders/create', []],
    ] as const)
      expect(await tell(world, 'shopify', { topic, value })).toEqual({
        status: 200,
        json: { accepted: 0, known: 0 },
      });
  }));

test.each(['woocommerce', 'shopify'])('%s: what is not signed is not believed', (shop) =>
  withDoor(async (world) => {
    const topic = shop === 'shopify' ? 'checkouts/create' : 'order.updated';
    const value = shop === 'shopify' ? checkout() : order('pending');
    const wrong = await tell(world, shop, { topic, value, by: 'another-secret-of-twenty' });
    expect(wrong.status).toBe(401);
    expect(String(wrong.json['error'])).toContain(`events.${shop}.secret`);
    const body = JSON.stringify(value);
    const unsigned = await world.ask(`/e/${shop}`, { method: 'POST', body });
    expect(unsigned.status).toBe(401);
    expect((await tell(world, shop, { topic, value, body: 'no JSON' })).status).toBe(400);
    expect((await world.ask(`/e/${shop}`)).status).toBe(405);
    expect(await actsOf(world)).toEqual([]);
    const stranger = { ...value, email: 'x@example.org', billing: { email: 'x@example.org' } };
    const unknown = await tell(world, shop, { topic, value: stranger });
    expect(unknown).toEqual({ status: 200, json: { accepted: 1, known: 0 } });
  }),
);

test('without a secret there is no such address', async () => {
  await using place = await first!.open();
  await using world = await openPeopleDoorWorld({ store: place.store, files });
  for (const shop of ['woocommerce', 'shopify'])
    expect([404, 405]).toContain(
      (await world.ask(`/e/${shop}`, { method: 'POST', body: '{}' })).status,
    );
});

const guide = readFileSync(new URL('../../docs/shops.md', import.meta.url), 'utf8');
const blocksOf = (lang: string): string[] =>
  [...guide.matchAll(new RegExp(`^\`\`\`${lang}\\n([^]*?)^\`\`\`$`, 'gm'))].map(
    ([, text = '']) => text,
  );

/** Files of the guide, by the name in their first line. */
const guideFiles = Object.fromEntries(
  blocksOf('yaml').flatMap((text) => {
    const [, path = '', rest = ''] = /^# posts\/(\S+)\n([^]*)$/.exec(text) ?? [];
    return path === '' ? [] : [[path, rest]];
  }),
);

test('what the guide says works as it stands: its sequence, and each of its commands', async () => {
  await using place = await first!.open();
  const events = { token: secret, woocommerce: { secret }, shopify: { secret } };
  await using world = await openPeopleDoorWorld({ store: place.store, files: guideFiles, events });
  await world.add('ada');
  const run = promisify(execFile);
  const env = { ...process.env, EVENTS_TOKEN: secret, WC_SECRET: secret, SHOPIFY_SECRET: secret };
  const commands = blocksOf('sh');
  expect(commands).toHaveLength(4);
  for (const command of commands) {
    const local = command.replaceAll('https://go.example.com', `http://127.0.0.1:${world.port}`);
    const { stdout } = await run('bash', ['-c', `set -e\n${local}`], { env });
    expect(JSON.parse(stdout)).toMatchObject({ accepted: 1, known: 1 });
  }
  const acts = await place.store.people.listActs({ person: 'ada' });
  expect(acts.map(({ kind, name }) => name ?? kind).toSorted()).toEqual([
    'bought',
    'cart.updated',
    'cart.updated',
    'cart.updated',
  ]);
  expect(await place.store.people.listEnrolments({})).toMatchObject([{ sequence: 'cart' }]);
});
