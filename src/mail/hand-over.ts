import type SMTPConnection from 'nodemailer/lib/smtp-connection';
import { pickDefined } from '../core/pick-defined.ts';
import type { MailCall, MailOutcome, OutgoingMail } from '../ports/people/mail.ts';
import { judgeFailure, type Progress, type SmtpError, wordsOf } from './judge-failure.ts';
import { createBody, type MailBody } from './mail-body.ts';
import { type Session, step } from './smtp-session.ts';

type SendInfo = SMTPConnection.SentMessageInfo;

export interface Handing extends MailCall {
  /** `mail.example.com:587` */
  server: string;
  /** Aborted when the time for this mail is up. */
  limit: AbortSignal;
  /** How long the answer to a whole mail is still waited for after the caller has stopped. */
  graceFor: number;
}

/** `isStale`: the server had left this connection before it heard of the mail. */
export type HandedOver = { outcome: MailOutcome } | { isStale: true };

/**
 * Hands one mail over on an open session. The mail is a stream of our own, since that alone tells
 * whether a connection was lost before its last byte was read or after it.
 */
export async function handOver(
  session: Session,
  mail: OutgoingMail,
  handing: Handing,
): Promise<HandedOver> {
  const wasUsed = session.isUsed;
  session.isUsed = true;
  const body = createBody(mail.bytes, handing.mayOpen);
  const watch = watchOver(session, handing, body.progress);
  try {
    await reset(session);
    const info = await step<SendInfo>(session.connection, (done) =>
      session.connection.send(envelopeOf(mail), body.stream, done),
    );
    return { outcome: settleAnswer(session, info, body.progress) };
  } catch (error) {
    const failure = watch.stopped() ?? (error as SmtpError);
    const progress = settleFailure(session, failure, body);
    const refusal = body.refusal();
    if (refusal) return { outcome: toStopped(refusal.reason) };
    const isLost = failure.responseCode === undefined || failure.responseCode === 421;
    if (wasUsed && isLost && !body.isAsked() && !watch.stopped()) return { isStale: true };
    const { server } = handing;
    return { outcome: judgeFailure({ stage: 'handing-over', error: failure, progress, server }) };
  } finally {
    watch.end();
    body.stream.destroy();
  }
}

/** After a refusal the server still holds the envelope. */
async function reset(session: Session): Promise<void> {
  if (session.needsReset)
    await step<boolean>(session.connection, (done) => session.connection.reset(done));
  session.needsReset = false;
}

/** What ends it from outside: the caller, unless the server has all of it, and the limit. */
function watchOver(session: Session, handing: Handing, progress: Progress) {
  const { signal, limit, graceFor } = handing;
  let stopped: SmtpError | undefined;
  let grace: NodeJS.Timeout | undefined;
  const stopFor = (message: string) => {
    stopped ??= new Error(message);
    session.close();
  };
  const onLimit = () => stopFor('it took too long');
  const onStop = () => {
    const stop = () => stopFor('Dripline was stopped');
    if (progress.ended) grace = setTimeout(stop, graceFor);
    else stop();
  };
  limit.addEventListener('abort', onLimit, { once: true });
  signal.addEventListener('abort', onStop, { once: true });
  if (limit.aborted) onLimit();
  if (signal.aborted) onStop();
  return {
    stopped: () => stopped,
    end() {
      clearTimeout(grace);
      limit.removeEventListener('abort', onLimit);
      signal.removeEventListener('abort', onStop);
    },
  };
}

/** An address of one recipient alone: two would become two outcomes. */
function envelopeOf({
  envelopeFrom,
  to,
  bytes,
  envelopeId,
}: OutgoingMail): SMTPConnection.Envelope {
  return {
    from: envelopeFrom,
    to: [to],
    size: bytes.length,
    use8BitMime: bytes.some((byte) => byte > 127),
    dsn: pickDefined({
      id: envelopeId,
      return: 'headers',
      notify: ['failure', 'delay'],
      recipient: to,
    }),
  };
}

function settleAnswer(session: Session, info: SendInfo, { ended }: Progress): MailOutcome {
  const said = wordsOf(info.response);
  if (ended) return pickDefined({ is: 'sent' as const, said, serverId: info.serverMessageId });
  session.close();
  return { is: 'uncertain', said: `The server answered before it had all of the mail: "${said}".` };
}

/** Keeps a session whose server has merely refused; how far the bytes came is final then. */
function settleFailure(session: Session, error: SmtpError, { progress }: MailBody): Progress {
  const { responseCode: code = 0 } = error;
  const isRefusal = code >= 400 && code < 600 && code !== 421 && code !== 503;
  if (isRefusal && progress.begun === progress.ended) session.needsReset = true;
  else session.close();
  return { ...progress };
}

const toStopped = (reason: unknown): MailOutcome => ({
  is: 'later',
  about: 'mail',
  said: wordsOf(reason instanceof Error ? reason.message : String(reason)),
});
