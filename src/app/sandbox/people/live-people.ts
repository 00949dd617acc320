import { isLive } from '../../../core/people/enrolment.ts';
import { day, localDate, second } from '../../../core/time.ts';
import type { PeopleContext } from '../../../flow/people/people-context.ts';
import { openAsPerson } from '../../../sandbox/readers/open-readers.ts';
import type { Sandbox } from '../../../sandbox/open-sandbox.ts';
import { deedsSince, doDeed, type Due, signUp } from './play-people.ts';

/** Whoever has not opened a mail by then does not. */
const readFor = 4 * day;

interface Living {
  sandbox: Pick<Sandbox, 'mails'>;
  /** Where the public door is. */
  door: string;
  /** Milliseconds; default: a second. */
  lookEvery?: number;
}

/** While it runs: somebody signs up each day, and people read their mails. */
export function openLivePeople(
  context: PeopleContext,
  { sandbox, door, lookEvery = second }: Living,
): AsyncDisposable {
  const { clock } = context;
  const done = new Set<string>();
  let under: Promise<unknown> = Promise.resolve();
  let isBusy = false;
  const look = async () => {
    const now = clock.now();
    await signUp(context, { key: localDate(now, context.settings.zone), door });
    for (const one of await deedsSince(context, now - readFor)) {
      const key = `${one.dispatch.id} ${one.deed}`;
      if (one.at > now || done.has(key)) continue;
      done.add(key);
      const isDone = await useMail(context, one, { sandbox, door });
      if (!isDone && one.deed !== 'unsubscribed') await doDeed(context, one);
    }
  };
  const timer = setInterval(() => {
    if (isBusy) return;
    isBusy = true;
    under = look()
      .catch(() => undefined)
      .finally(() => (isBusy = false));
  }, lookEvery).unref();
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await under;
    },
  };
}

/** True: it was done with a link of the mail that came, at the public door. */
async function useMail(
  { store }: PeopleContext,
  { dispatch, deed }: Due,
  { sandbox, door }: Living,
): Promise<boolean> {
  if (deed !== 'unsubscribed' && deed !== 'clicked') return false;
  const id = dispatch.intent?.messageId;
  const mail = sandbox.mails().findLast(({ messageId }) => messageId === id);
  const [way, pattern] =
    deed === 'clicked' ? ['l', /https?:\/\/\S+\/l\/\w+/] : ['u', /https?:\/\/\S+\/u\/[\w-]+/];
  const url = mail?.text.match(pattern)?.[0];
  if (!url?.startsWith(`${door}/${way}/`)) return false;
  if (deed === 'clicked') {
    await openAsPerson(url, dispatch.id);
    return true;
  }
  const enrolment = await store.people.findEnrolment(dispatch.enrolment);
  if (enrolment && isLive(enrolment)) await unsubscribe(url);
  return true;
}

/** One click of a mail program (RFC 8058). */
async function unsubscribe(url: string): Promise<void> {
  await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'List-Unsubscribe=One-Click',
    signal: AbortSignal.timeout(5 * second),
  });
}
