import { pickDefined } from '../core/pick-defined.ts';
import type { MailOutcome } from '../ports/people/mail.ts';

/** What the library and sockets tell about a failure. */
export interface SmtpError {
  message: string;
  code?: string | undefined;
  /** Of the operating system, such as ECONNREFUSED. */
  originalCode?: string | undefined;
  responseCode?: number | undefined;
  response?: string | undefined;
  command?: string | undefined;
}

/** How far the bytes of a mail came. */
export interface Progress {
  /** The first byte was handed over. */
  begun: boolean;
  /** The last one was, and the dot behind it may have been. */
  ended: boolean;
}

export type Stage = 'connecting' | 'login' | 'handing-over';

export interface Failure {
  stage: Stage;
  error: SmtpError;
  progress: Progress;
  /** `mail.example.com:587` */
  server: string;
}

const longestWords = 300;

/** One line, cut: servers may say anything. */
export const wordsOf = (text: string): string =>
  text
    .slice(0, 4 * longestWords)
    .replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim()
    .slice(0, longestWords);

/**
 * What became of a mail. As long as its last byte was not handed over, it was certainly not taken.
 * After that only a refusal is certain; 421 says that the server goes away, and not what it did.
 */
export function judgeFailure(failure: Failure): MailOutcome {
  const { error, progress } = failure;
  const { responseCode: code = 0, response } = error;
  const isRefusal = code >= 400 && code < 600;
  if (progress.ended && (!isRefusal || code === 421))
    return { is: 'uncertain', said: describeLoss(failure) };
  const isAnswer = isRefusal && failure.stage === 'handing-over';
  const said = isAnswer ? wordsOf(response ?? error.message) : describe(failure);
  return pickDefined({
    is: isForGood(failure) ? ('refused' as const) : ('later' as const),
    about: isAboutSender(failure) ? ('sender' as const) : ('mail' as const),
    said,
    code: isRefusal ? code : undefined,
  });
}

/** 503 is about the order of commands: another connection puts that right. */
function isForGood({ stage, error }: Failure): boolean {
  const { responseCode: code = 0 } = error;
  // Without an answer it is the library that refuses an address.
  if (code === 0) return isTooLarge(error) || (error.code === 'EENVELOPE' && !error.response);
  if (lacksTls(error)) return code >= 500;
  return code >= 500 && code < 600 && code !== 503 && stage !== 'connecting';
}

/** The library's own words: it compares the size with the server's limit before it asks. */
const isTooLarge = ({ code, responseCode, command }: SmtpError) =>
  code === 'EMESSAGE' && responseCode === undefined && command === 'MAIL FROM';

/** It would be sent in clear otherwise. */
const lacksTls = ({ code, command }: SmtpError) => code === 'ETLS' && command === 'STARTTLS';

const loginCodes = new Set([454, 525, 530, 534, 535, 538]);

/** The mail alone, or everything that goes by this server. */
function isAboutSender({ stage, error }: Failure): boolean {
  const { responseCode: code = 0, response = '', command } = error;
  if (stage !== 'handing-over' || code === 421 || loginCodes.has(code)) return true;
  // What is no answer at all says nothing about the mail.
  if (code === 0 && response) return true;
  if (code === 0 || code === 503) return false;
  const [, group] = /^\d{3}[ -](?:\d{3}[ -])?[45]\.(\d{1,3})\.\d{1,3}\b/.exec(response) ?? [];
  if (group === '7') return !/gr[ea]y-?list/i.test(response);
  if (code < 500 && group === '3') return true;
  return command === 'MAIL FROM' && code !== 552 && group !== '2' && group !== '3';
}

function describeLoss({ error, server }: Failure): string {
  const why = error.responseCode ? `it said "${wordsOf(error.response ?? '')}"` : brief(error);
  return `All of the mail was handed over to ${server}, and its answer did not come: ${why}.`;
}

function describe(failure: Failure): string {
  const { stage, error, progress, server } = failure;
  if (isTooLarge(error)) return `The mail is larger than ${server} takes. Shorten it.`;
  if (stage === 'login') {
    const what = `The mail server ${server} does not let Dripline in`;
    return `${what}. Check mail.user and mail.password. (${brief(error)})`;
  }
  if (stage === 'connecting') {
    const [what, todo] = isAboutTls(error)
      ? ['There is no secure connection to', 'mail.host, mail.port and mail.tls']
      : ['There is no connection to', 'mail.host and mail.port'];
    return `${what} the mail server ${server}. Check ${todo}. (${brief(error)})`;
  }
  const where = progress.begun ? 'in the middle of the mail' : 'before the mail was handed over';
  return `The connection to the mail server ${server} ended ${where}. (${brief(error)})`;
}

const isAboutTls = ({ code, originalCode = '', message }: SmtpError) =>
  code === 'ETLS' ||
  /CERT|SSL|TLS|ALTNAME/.test(originalCode) ||
  /\bSSL\b|wrong version/.test(message);

const brief = ({ message, originalCode }: SmtpError) =>
  wordsOf(
    originalCode && !message.includes(originalCode) ? `${message}, ${originalCode}` : message,
  ).replace(/[.:]+$/, '');
