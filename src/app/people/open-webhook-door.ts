import { createHash } from 'node:crypto';
import { readTokensOf } from './mail-marks.ts';
import type { MailConfig } from '../../config/mail/schema-mail.ts';
import { day, hour, type Instant, localDate } from '../../core/time.ts';
import type { PeopleDoor } from '../../door/people/people-door.ts';
import { makeEntry } from '../../flow/context.ts';
import { nudge } from '../../flow/facts.ts';
import type { PeopleContext } from '../../flow/people/people-context.ts';
import { takeReport } from '../../flow/people/take-report.ts';
import { type GuardedGet, guardedGet } from '../../io/guarded-get.ts';
import type { Tokens } from '../../io/secrets/sealed-tokens.ts';

export interface WebhookAround {
  mail: Pick<MailConfig, 'webhooks' | 'from'> | undefined;
  tokens: Tokens;
  context: Omit<PeopleContext, 'sequences'>;
  read(): Promise<PeopleContext>;
  /** For tests: nothing of Amazon is on this machine. */
  get?: GuardedGet | undefined;
}

type WebhookDoor = Pick<
  PeopleDoor,
  'webhooks' | 'takeReports' | 'isUsed' | 'noteUsed' | 'tellRefused'
>;

const prefix = 'used:';
const keptFor = 2 * day;
const largestPage = 100_000;

/** What mail providers tell of our mails, at the public door. */
export async function openWebhookDoor({
  mail,
  tokens,
  context,
  read,
  get = guardedGet,
}: WebhookAround): Promise<WebhookDoor> {
  const { store, clock } = context;
  const forgetUsed = openForgetting(context);
  const keyOf = (proof: string) => prefix + createHash('sha256').update(proof).digest('base64url');
  return {
    webhooks: await openOf(mail, tokens, get),
    async takeReports(reports) {
      const known = await read();
      for (const report of reports) await takeReport(known, report);
      await nudge(store);
    },
    isUsed: async (proof) => (await store.findFact(keyOf(proof))) !== undefined,
    async noteUsed(proof) {
      const isNew = await store.putFact(keyOf(proof), clock.now(), 0);
      await forgetUsed();
      return isNew;
    },
    async tellRefused(name, because) {
      const date = localDate(clock.now(), context.settings.zone);
      const text =
        `what was sent to /h/${name} of the public door was refused, since ${because}: ` +
        `compare mail.webhooks.${name} with what your provider shows`;
      await store.appendJournal([
        makeEntry(context, 'notice', { id: `webhook:${name}:${date}`, text }),
      ]);
    },
  };
}

async function openOf(mail: WebhookAround['mail'], tokens: Tokens, get: GuardedGet) {
  if (!mail?.webhooks) return [];
  const { openWebhooks } = await import('../../mail/webhooks/open-webhooks.ts');
  return openWebhooks(mail.webhooks, {
    readToken: readTokensOf(tokens, mail),
    getText: async (url) =>
      (await get(url, { maxBytes: largestPage, maxRedirects: 0 })).body.toString(),
  });
}

/** An old proof is refused by its age alone. */
function openForgetting({ store, clock }: WebhookAround['context']): () => Promise<void> {
  let lookedAt = -Infinity;
  return async () => {
    if (clock.monotonic() - lookedAt < hour) return;
    lookedAt = clock.monotonic();
    for (const { key, value, revision } of await store.listFacts<Instant>(prefix))
      if (value < clock.now() - keptFor) await store.removeFact(key, revision);
  };
}
