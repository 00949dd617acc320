import type { Context, Hono } from 'hono';
import type { Webhook } from '../../ports/people/webhooks.ts';
import type { Clock } from '../../ports/clock.ts';
import { doorHeaders } from '../door-pages.ts';
import type { Env } from '../link-routes.ts';
import type { PeopleDoor } from './people-door.ts';
import { readBytes } from './read-body.ts';

const largest = 2 * 1024 * 1024;

interface WebhookParts {
  door: Pick<PeopleDoor, 'webhooks' | 'takeReports' | 'isUsed' | 'noteUsed' | 'tellRefused'>;
  clock: Pick<Clock, 'now'>;
}

/** `/h/NAME`: what a mail provider tells of our mails. What it cannot prove is not believed. */
export function addWebhookRoutes(app: Hono<Env>, { door, clock }: WebhookParts): void {
  for (const webhook of door.webhooks) {
    const path = `/h/${webhook.name}`;
    app.post(path, async (c) => {
      const body = await readBytes(c, largest);
      if (!body) return say(c, 413, 'The body is larger than two megabytes.');
      const header = (name: string) => c.req.header(name);
      const reading = await webhook.read({ header, body, at: clock.now() });
      if (reading.is === 'taken') return take(c, { door, webhook, ...reading });
      await door.tellRefused(webhook.name, reading.because);
      return say(c, 401, `Refused: ${reading.because}.`);
    });
    app.all(path, (c) =>
      c.text('Only POST is answered here.', 405, { ...doorHeaders, Allow: 'POST' }),
    );
  }
}

type Taking = Pick<WebhookParts, 'door'> & { webhook: Webhook } & Extract<
    Awaited<ReturnType<Webhook['read']>>,
    { is: 'taken' }
  >;

/** The proof is used up when all of it is written: what was cut off may be told again. */
async function take(c: Context<Env>, { door, webhook, reports, once }: Taking) {
  const key = once === undefined ? undefined : `${webhook.name} ${once}`;
  if (key !== undefined && (await door.isUsed(key))) return say(c, 200, 'This was told before.');
  if (reports.length > 0) await door.takeReports(reports);
  if (key !== undefined) await door.noteUsed(key);
  return say(c, 200, 'OK');
}

const say = (c: Context<Env>, status: 200 | 401 | 413, text: string) =>
  c.text(text, status, doorHeaders);
