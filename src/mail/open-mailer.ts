import type { MailCall, Mailer, MailOutcome, OutgoingMail } from '../ports/people/mail.ts';
import { handOver } from './hand-over.ts';
import { judgeFailure, wordsOf } from './judge-failure.ts';
import { toEnvelopeAddress } from '../core/people/mail/mailbox.ts';
import { type MailerSettings, nameOf } from './mail-server.ts';
import { openSession, type Session } from './smtp-session.ts';

const minute = 60_000;
const checkFor = minute;

/**
 * A mail server behind one connection, which is kept while there is something to send. Mails go one
 * after another: providers' limits lie far below what one connection does.
 */
export function openMailer(settings: MailerSettings): Mailer {
  const line = createLine(settings);
  let last: Promise<unknown> = Promise.resolve();
  let isClosed = false;
  return {
    async send(mail, call) {
      const addressed = address(mail);
      if ('is' in addressed) return addressed;
      if (isClosed) return stopped;
      const sent = last.then(() => line.send(addressed, call));
      last = sent.catch(() => undefined);
      const outcome = await sent.catch(toUncertain);
      return { ...outcome, said: withoutAddress(outcome.said, [mail.to, addressed.to]) };
    },
    check: (signal) => checkServer(settings, signal),
    async [Symbol.asyncDispose]() {
      isClosed = true;
      await last;
      await line.close();
    },
  };
}

/** Nothing is thrown on this way; if it were, no one could tell what it left behind. */
const toUncertain = (error: unknown): MailOutcome => ({ is: 'uncertain', said: String(error) });

/** The addresses as servers take them; or why none does. */
function address(mail: OutgoingMail): OutgoingMail | MailOutcome {
  const [to, envelopeFrom] = [mail.to, mail.envelopeFrom].map(toEnvelopeAddress);
  if (envelopeFrom === undefined)
    return {
      is: 'refused',
      about: 'sender',
      said: `No mail server takes "${wordsOf(mail.envelopeFrom)}" as a sender. Check mail.from.`,
    };
  if (to === undefined)
    return {
      is: 'refused',
      about: 'mail',
      said: 'The address is not one that every mail server takes. Correct it.',
    };
  return { ...mail, to, envelopeFrom };
}

/** Servers like to repeat it, and their words are shown in more places than the address is. */
const withoutAddress = (said: string, addresses: string[]): string =>
  said.replaceAll(new RegExp(addresses.map(RegExp.escape).join('|'), 'gi'), 'the recipient');

/** A caller that stops while there is no connection yet says nothing about the server. */
const stopped: MailOutcome = { is: 'later', about: 'mail', said: 'Dripline was stopped.' };

interface Line {
  send(mail: OutgoingMail, call: MailCall): Promise<MailOutcome>;
  close(): Promise<void>;
}

function createLine(settings: MailerSettings): Line {
  const { limitFor = 14 * minute, idleFor = minute, graceFor = 3000 } = settings;
  const server = nameOf(settings);
  let session: Session | undefined;
  let idle: NodeJS.Timeout | undefined;
  const close = async () => {
    clearTimeout(idle);
    await session?.quit();
  };
  const attempt = async (mail: OutgoingMail, call: MailCall, limit: AbortSignal) => {
    // A second time only on a new connection, and only if the server never heard of the mail.
    for (;;) {
      const opened = session?.isAlive()
        ? session
        : await openWithin(settings, [call.signal, limit]);
      if ('stage' in opened && call.signal.aborted) return stopped;
      if ('stage' in opened)
        return judgeFailure({ ...opened, progress: { begun: false, ended: false }, server });
      session = opened;
      const handed = await handOver(opened, mail, { ...call, server, limit, graceFor });
      if ('outcome' in handed) return handed.outcome;
      opened.close();
    }
  };
  return {
    async send(mail, call) {
      clearTimeout(idle);
      const limit = new AbortController();
      const timer = setTimeout(() => limit.abort(), limitFor);
      try {
        return await attempt(mail, call, limit.signal);
      } finally {
        clearTimeout(timer);
        idle = setTimeout(() => void close(), idleFor).unref();
      }
    },
    close,
  };
}

const openWithin = (settings: MailerSettings, signals: AbortSignal[]) =>
  openSession(settings, AbortSignal.any(signals));

async function checkServer(
  settings: MailerSettings,
  signal: AbortSignal,
): Promise<string | undefined> {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), Math.min(settings.limitFor ?? checkFor, checkFor));
  try {
    const opened = await openWithin(settings, [signal, limit.signal]);
    if ('connection' in opened) {
      await opened.quit();
      return undefined;
    }
    const progress = { begun: false, ended: false };
    return judgeFailure({ ...opened, progress, server: nameOf(settings) }).said;
  } finally {
    clearTimeout(timer);
  }
}
