import { createHash, timingSafeEqual } from 'node:crypto';
import type { Context, Hono } from 'hono';
import { plural } from '../../core/plural.ts';
import { doorHeaders } from '../door-pages.ts';
import type { Env } from '../link-routes.ts';
import { type Item, readItem } from './event-items.ts';
import type { PeopleDoor } from './people-door.ts';
import { readBody } from './read-body.ts';

const largest = 1024 * 1024;
const mostItems = 1000;

/** `/e`: what a shop tells of people, with the token of the configuration. */
export function addEventRoutes(app: Hono<Env>, door: PeopleDoor, token: string): void {
  app.post('/e', async (c) => {
    if (!isRight(c.req.header('authorization'), token)) {
      const error = 'the token is missing or wrong: send Authorization: Bearer TOKEN';
      return say(c, 401, { error });
    }
    const items = await readItems(c);
    if (typeof items === 'string') return say(c, 400, { error: items });
    if (items === undefined) return say(c, 413, { error: `${tooLong}: send fewer at a time` });
    return take(c, door, items.map(readItem));
  });
  app.all('/e', (c) =>
    c.json({ error: 'only POST is answered here' }, 405, { ...doorHeaders, Allow: 'POST' }),
  );
}

const tooLong = `there are more than ${mostItems} events, or more than a megabyte`;

const digest = (text: string) => createHash('sha256').update(text).digest();

/** In the same time whatever is sent. */
function isRight(sent = '', token: string): boolean {
  const [, given = ''] = /^Bearer +(\S+) *$/i.exec(sent.slice(0, 2000)) ?? [];
  return timingSafeEqual(digest(given), digest(token));
}

/** A sentence: it is no JSON. Undefined: it is too long. */
async function readItems(c: Context<Env>): Promise<unknown[] | string | undefined> {
  const text = await readBody(c, largest);
  if (text === undefined) return undefined;
  try {
    const items = [JSON.parse(text) as unknown].flat();
    return items.length > mostItems ? undefined : items;
  } catch {
    return 'the body is no JSON: send one event or a list of them';
  }
}

async function take(c: Context<Env>, door: PeopleDoor, items: readonly Item[]) {
  const told = items.flatMap((one) => ('told' in one ? [one.told] : []));
  const unknown = told.length > 0 ? await door.takeEvents(told) : [];
  const refused = items.flatMap((one, index) => ('told' in one ? [] : [{ index, ...one }]));
  const ids = new Set(unknown);
  const answer = {
    accepted: told.length,
    known: told.filter(({ id }) => !ids.has(id)).length,
    unknown,
    refused,
  };
  if (told.length > 0 || refused.length === 0) return say(c, 200, answer);
  const error = `${plural(refused.length, 'event')} cannot be used, and nothing was taken`;
  return say(c, 400, { error, ...answer });
}

function say(c: Context<Env>, status: 200 | 400 | 401 | 413, answer: Record<string, unknown>) {
  const more = status === 401 ? { 'WWW-Authenticate': 'Bearer' } : {};
  return c.json(answer, status, { ...doorHeaders, ...more });
}
