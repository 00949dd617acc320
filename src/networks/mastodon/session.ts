import type { mastodon } from 'masto';
import type { MastodonAccount } from '../../core/network/account.ts';
import type { Identity } from '../../core/network/network.ts';
import { day, type Instant } from '../../core/time.ts';
import type { Clock } from '../../ports/clock.ts';
import { PublishError } from '../../ports/publisher.ts';
import { harmless, measureSkew, retriedLater } from '../publish-error.ts';
import { fieldsOf } from '../stored-payload.ts';
import type { Deps } from '../publisher-deps.ts';
import { type MastodonCall, withMastodon } from './client.ts';
import { newToken } from './errors.ts';
import { fetchInstance, type Instance } from './instance.ts';
import type { Ask } from './reads.ts';
import type { Sources } from './statuses.ts';

type Client = mastodon.rest.Client;

export interface Self extends Identity {
  accountId: string;
  skew?: number;
}

/** One account's calls, and what is known of the account and of its server. */
export interface MastodonSession {
  clock: Clock;
  ask<T>(call: MastodonCall, run: (client: Client) => Promise<T>): Promise<T>;
  /** Calls that post nothing. */
  reading(signal: AbortSignal): Ask;
  identify(signal: AbortSignal): Promise<Self>;
  /** As identified last. */
  self(signal: AbortSignal): Promise<Self>;
  /** Asked once a day. */
  learn(signal: AbortSignal): Promise<Instance>;
  /** Undefined until the server has been asked. */
  instance(): Instance | undefined;
  /** `learn` answers from memory. */
  hasLearned(): boolean;
  sources: Sources;
}

export function openMastodonSession(account: MastodonAccount, deps: Deps): MastodonSession {
  const { clock } = deps;
  let self: Self | undefined;
  let known: { instance: Instance; until: Instant } | undefined;
  const ask: MastodonSession['ask'] = (call, run) => withMastodon({ ...deps, account }, call, run);
  const reading: MastodonSession['reading'] = (signal) => (run) =>
    harmless(() => ask({ signal }, run));
  const identify = async (signal: AbortSignal) => {
    self = await askWho({ ask, clock }, account.baseUrl, signal);
    return self;
  };
  return {
    clock,
    ask,
    reading,
    identify,
    self: async (signal) => self ?? identify(signal),
    async learn(signal) {
      if (known && known.until > clock.now()) return known.instance;
      try {
        known = { instance: await fetchInstance(reading(signal)), until: clock.now() + day };
      } catch (error) {
        if (!known) throw error;
      }
      return known.instance;
    },
    instance: () => known?.instance,
    hasLearned: () => known !== undefined && known.until > clock.now(),
    sources: new Map(),
  };
}

async function askWho(
  { ask, clock }: Pick<MastodonSession, 'ask' | 'clock'>,
  baseUrl: string,
  signal: AbortSignal,
): Promise<Self> {
  const askedAt = clock.now();
  let date: string | undefined;
  const onHeaders = (headers: Headers) => {
    date = headers.get('date') ?? undefined;
  };
  const answer: unknown = await harmless(() =>
    ask({ signal, onHeaders }, (client) => client.v1.accounts.verifyCredentials()),
  ).catch((error: unknown) => {
    throw asSignedOut(error);
  });
  return { ...parseSelf(answer, baseUrl), ...measureSkew(date, askedAt, clock.now()) };
}

/** Whatever a server refuses when it is asked who we are, it is the credential. */
function asSignedOut(error: unknown): unknown {
  if (!(error instanceof PublishError) || error.kind !== 'refused') return error;
  const { said, status } = error;
  return new PublishError('signed-out', said, { status, advice: newToken, cause: error });
}

function parseSelf(answer: unknown, baseUrl: string): Self {
  const { id, username, url } = fieldsOf(answer);
  if (typeof id !== 'string' || typeof username !== 'string')
    throw new PublishError('not-sent', 'Mastodon did not say whose credential this is', {
      advice: retriedLater,
    });
  const page = typeof url === 'string' && URL.canParse(url) ? url : `${baseUrl}/@${username}`;
  return { id: page, handle: `${username}@${new URL(page).host}`, url: page, accountId: id };
}
