import type { Context, Hono } from 'hono';
import { doorHeaders } from '../../door-pages.ts';
import type { Env } from '../../link-routes.ts';
import { readItem } from '../event-items.ts';
import type { PeopleDoor } from '../people-door.ts';
import { readBytes } from '../read-body.ts';
import { fieldsOf, isSigned, type Shop, type ShopCall } from './shop.ts';
import { shopify } from './shopify.ts';
import { woocommerce } from './woocommerce.ts';

const shops = { woocommerce, shopify } satisfies Record<string, Shop>;
export type ShopName = keyof typeof shops;

const largest = 1024 * 1024;

/** `/e/NAME`: what a shop's own webhooks tell, signed with the secret of the configuration. */
export function addShopRoutes(
  app: Hono<Env>,
  door: Pick<PeopleDoor, 'takeEvents' | 'shopSecrets'>,
): void {
  for (const [name, secret] of Object.entries(door.shopSecrets)) {
    const shop = shops[name as ShopName];
    const path = `/e/${shop.name}`;
    app.post(path, (c) => answer(c, door, { shop, secret }));
    app.all(path, (c) =>
      c.json({ error: 'only POST is answered here' }, 405, { ...doorHeaders, Allow: 'POST' }),
    );
  }
}

async function answer(
  c: Context<Env>,
  door: Pick<PeopleDoor, 'takeEvents'>,
  { shop, secret }: { shop: Shop; secret: string },
) {
  const body = await readBytes(c, largest);
  if (!body) return say(c, 413, { error: 'the body is longer than a megabyte' });
  const call: ShopCall = { body, header: (name) => c.req.header(name) };
  if (shop.isPing?.(call)) return say(c, 200, { accepted: 0, known: 0 });
  if (!isSigned(call, shop.signatureHeader, secret)) {
    const where = `events.${shop.name}.secret has to be the secret of the webhook`;
    return say(c, 401, { error: `${shop.signatureHeader} is missing or wrong: ${where}` });
  }
  const value = parse(body);
  if (value === undefined) return say(c, 400, { error: 'the body is no JSON' });
  const items = shop.read(fieldsOf(value), call).map(readItem);
  const told = items.flatMap((one) => ('told' in one ? [one.told] : []));
  const unknown = told.length > 0 ? await door.takeEvents(told) : [];
  // A shop stops telling where it is refused: what is of no use is taken and left aside.
  return say(c, 200, { accepted: told.length, known: told.length - unknown.length });
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString()) as unknown;
  } catch {
    return undefined;
  }
}

const say = (c: Context<Env>, status: 200 | 400 | 401 | 413, told: Record<string, unknown>) =>
  c.json(told, status, doorHeaders);
