import { join } from 'node:path';
import { basename } from 'node:path/posix';
import type { PeopleHands } from '../../commands/command.ts';
import type { Config } from '../../config/config.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import type { Languages } from '../../core/people/wording/languages.ts';
import type { Medium } from '../../core/people/person.ts';
import type { Sequence } from '../../core/people/sequence.ts';
import { Refusal } from '../../core/problem.ts';
import type { Timing } from '../../flow/context.ts';
import type { PeopleRoom } from '../../flow/people/people-context.ts';
import { openLanguagesOf } from './open-languages.ts';
import { openAddressHash } from '../../io/secrets/address-hash.ts';
import { openTokens, type Tokens } from '../../io/secrets/sealed-tokens.ts';
import type { Coupons } from '../../ports/people/coupons.ts';
import type { Knowing } from '../../mail/reports/to-report.ts';
import type { Mailbox } from '../../ports/people/mailbox.ts';
import type { MailConfig } from '../../config/mail/schema-mail.ts';
import { readTokensOf } from './mail-marks.ts';
import { parseMailbox } from '../../core/people/mail/mailbox.ts';
import type { Alarms } from '../../ports/alarms.ts';
import type { Clock } from '../../ports/clock.ts';
import type { SequenceSource } from '../../ports/people/sequences.ts';
import type { Transport } from '../../ports/people/transport.ts';
import type { Publisher } from '../../ports/publisher.ts';
import type { Store } from '../../ports/store.ts';
import { openLetterFiles, openLettersOf } from './open-letters.ts';
import { openLeadHook } from './lead-hook.ts';
import { openCoupons } from '../../sources/coupons/open-coupons.ts';
import { openSequences } from '../../sources/sequences/open-sequences.ts';

/** Undefined: no mailbox is configured, and nobody learns of bounces. */
async function openMailboxOf(
  mail: MailConfig,
  { tokens, openOther }: { tokens: Tokens; openOther: Around['openMailbox'] },
): Promise<Mailbox | undefined> {
  const { address, imap } = mail.bounces;
  const own = parseMailbox(mail.from)?.address;
  const knowing: Knowing = {
    addresses: [address, ...(own === undefined ? [] : [own])],
    readToken: readTokensOf(tokens, mail),
  };
  if (!imap) return openOther?.(knowing);
  const { openMailbox } = await import('../../mail/reports/read-mailbox.ts');
  return openMailbox({ ...imap, ...knowing });
}

interface Around {
  store: Store;
  clock: Clock;
  alarms: Pick<Alarms, 'set'>;
  worker: string;
  timing: Pick<Timing, 'dispatchClaimFor' | 'publishFor'>;
  log: { warn(text: string): void };
  /** Of the accounts that people speak to. */
  publishers?: ReadonlyMap<string, Publisher> | undefined;
  /** Where no mailbox is configured, another one that reports come to. */
  openMailbox?: ((knowing: Knowing) => Mailbox) | undefined;
}

/** What of the configuration ways in and out need. */
export type PeopleConfig = Pick<
  Config,
  'zone' | 'people' | 'folders' | 'isSandbox' | 'events' | 'mail' | 'letters' | 'file'
>;

const addressKeyFile = (config: PeopleConfig) => join(config.folders.data, 'address.key');
export const tokenKeyFile = (config: PeopleConfig): string =>
  join(config.folders.data, 'token.key');

export const sequencesOf = ({ folders: { posts }, isSandbox }: PeopleConfig): SequenceSource =>
  openSequences({
    postsFolder: posts,
    label: basename(posts),
    ...pickDefined({ skip: isSandbox ? undefined : ['samples'] }),
  });

export const couponsOf = ({ folders: { posts }, isSandbox }: PeopleConfig): Coupons =>
  openCoupons({
    postsFolder: posts,
    label: basename(posts),
    ...pickDefined({ within: isSandbox ? ['samples'] : undefined }),
  });

/** For verbs, beside the service. */
export const openHandsOf = async (config: PeopleConfig, store: Store): Promise<PeopleHands> => ({
  letters: config.letters && (await openLetterFiles(config, config.letters)),
  settings: config.people,
  sequences: sequencesOf(config),
  hashOf: await openAddressHash(addressKeyFile(config), store),
});

/**
 * For the service: sequences, and the ways in which people are reached. Undefined: nobody is to be
 * written to, or must not be; posts go on without.
 */
export async function openPeopleRoom(
  config: Config,
  around: Around,
): Promise<(PeopleRoom & AsyncDisposable) | undefined> {
  const source = sequencesOf(config);
  const { sequences, broken } = await source.read();
  const isWanted =
    config.mail !== undefined || config.letters !== undefined || sequences.length + broken.size > 0;
  if (!isWanted && (await around.store.people.listPeople({ limit: 1 })).length === 0)
    return undefined;
  try {
    return await openRoom(config, source, around);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    around.log.warn(`Nobody is written to by sequences: ${error.message}`);
    return undefined;
  }
}

/** Undefined: there is no account that people could have spoken to. */
async function openMessages(
  config: Config,
  { publishers, clock, timing }: Pick<Around, 'clock' | 'timing' | 'publishers'>,
): Promise<Transport | undefined> {
  const { accounts, public: door } = config;
  if (!publishers || accounts.length === 0) return undefined;
  const { openMessageTransport } = await import('./message-transport.ts');
  return openMessageTransport({
    publishers,
    accounts,
    clock,
    timeoutFor: timing.publishFor,
    door: door && { doorUrl: door.url, tokens: await openTokens(tokenKeyFile(config)) },
  });
}

async function openRoom(
  config: Config,
  source: SequenceSource,
  { store, clock, alarms, worker, timing, log, publishers, openMailbox: openOther }: Around,
): Promise<PeopleRoom & AsyncDisposable> {
  await using opening = new AsyncDisposableStack();
  const sequences = new Map<string, Sequence>();
  const transports = new Map<Medium, Transport>();
  const coupons = couponsOf(config);
  const languages = await openLanguagesOf(config, log);
  const messages = await openMessages(config, { publishers, clock, timing });
  if (messages) transports.set('message', messages);
  const mails = await openMails(config, { languages, openOther });
  if (mails) transports.set('mail', opening.use(mails.transport));
  const room = {
    store,
    clock,
    alarms,
    settings: { zone: config.zone, people: config.people },
    sequences,
    transports,
    coupons,
    letters: await openLettersOf(config),
    leadHook: config.leadHook && openLeadHook(config.leadHook),
    mailbox: mails?.mailbox,
    languages,
    hashOf: await openAddressHash(addressKeyFile(config), store),
    claimFor: timing.dispatchClaimFor,
    worker,
    log,
    ...openRefresh(source, { sequences, coupons }),
  };
  await room.refresh();
  const opened = opening.move();
  return { ...room, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

/** Undefined: no mail is sent. */
async function openMails(
  config: Config,
  { languages, openOther }: { languages: Languages; openOther: Around['openMailbox'] },
) {
  const { mail, public: door } = config;
  if (!mail || !door) return undefined;
  const { openMailTransport } = await import('./mail-transport.ts');
  const tokens = await openTokens(tokenKeyFile(config));
  const mailbox = await openMailboxOf(mail, { tokens, openOther });
  const transport = openMailTransport({ mail, doorUrl: door.url, tokens, languages });
  return { mailbox, transport };
}

/** What is in memory becomes what is in the folder; true: it is not what it was. */
function openRefresh(
  source: SequenceSource,
  { sequences, coupons }: { sequences: Map<string, Sequence>; coupons: Coupons },
): Pick<PeopleRoom, 'refresh'> & { isInDoubt(): boolean } {
  let last = '';
  let isInDoubt = false;
  return {
    isInDoubt: () => isInDoubt,
    async refresh() {
      const read = await source.read();
      isInDoubt = read.broken.size > 0 || read.isMissing === true;
      sequences.clear();
      for (const one of read.sequences) sequences.set(one.id, one);
      const before = last;
      last = [...read.sequences.map(({ hash }) => hash), await coupons.stamp()].join();
      return before !== last;
    },
  };
}
