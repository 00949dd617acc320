import type { TwitterApi, TwitterResponse } from 'twitter-api-v2';
import type { XAccount } from '../../core/network/account.ts';
import type { Identity } from '../../core/network/network.ts';
import { toXProfile } from '../../core/network/x-traits.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Purpose } from '../../ports/cost-ledger.ts';
import { PublishError } from '../../ports/publisher.ts';
import { harmless, measureSkew, retriedLater } from '../publish-error.ts';
import type { Deps } from '../publisher-deps.ts';
import { fieldsOf } from '../stored-payload.ts';
import { type Billing, openBilling } from './billing.ts';
import { withX, type XCall } from './client.ts';
import { type Ask, askWith, type Get, type Request, type Spelling } from './reads.ts';

export interface Self extends Identity {
  skew?: number;
}

/** A read that is billed for this purpose. */
export interface Reading {
  purpose: Purpose;
  signal: AbortSignal;
}

/** One account's calls, what they cost, and who it is. */
export interface XSession {
  clock: Clock;
  /** Where people look at its posts; undefined: on X. */
  site: string | undefined;
  billing: Billing;
  ask<T>(call: XCall, run: (client: TwitterApi) => Promise<T>): Promise<T>;
  /** Calls that post nothing. */
  read<T>(signal: AbortSignal, run: (client: TwitterApi) => Promise<T>): Promise<T>;
  /** Billed reads of posts. */
  asking(reading: Reading): Ask;
  identify(reading: Reading): Promise<Self>;
  isIdentified(): boolean;
  /** As identified last. */
  self(reading: Reading): Promise<Self>;
  /** The account as X shows it, with what is asked for beside its name. */
  askMe(reading: Reading, query?: Record<string, string>): Promise<TwitterResponse<unknown>>;
}

export function openXSession(account: XAccount, deps: Deps): XSession {
  const { clock, ledger } = deps;
  const billing = openBilling(account, ledger);
  const spelling: Spelling = { isNew: false };
  let ownId: string | undefined;
  const ask: XSession['ask'] = (call, run) => withX({ ...deps, account }, call, run);
  const read: XSession['read'] = (signal, run) => harmless(() => ask({ signal }, run));
  const askMe: XSession['askMe'] = ({ purpose, signal }, query = {}) =>
    billing.read(purpose, { users: 1, userIds: ownId ? [ownId] : [] }, () =>
      read(signal, async (client) =>
        client.v2.get<unknown>('users/me', query, { fullResponse: true }),
      ),
    );
  const identify = async (reading: Reading) => {
    const askedAt = clock.now();
    const { data, headers } = await askMe(reading);
    const who = parseIdentity(data, account.site);
    ownId = who.id;
    return { ...who, ...measureSkew(headers.date, askedAt, clock.now()) };
  };
  const { look, self, isKnown } = rememberOwn(identify);
  return {
    clock,
    site: account.site,
    billing,
    ask,
    read,
    askMe,
    asking: ({ purpose, signal }) =>
      askWith(billedGet({ billing, read }, purpose, signal), spelling),
    isIdentified: () => ownId !== undefined && isKnown(),
    identify: look,
    self,
  };
}

function rememberOwn(identify: (reading: Reading) => Promise<Self>) {
  let identity: Promise<Self> | undefined;
  const look = (reading: Reading) => {
    const asked = identify(reading);
    // What the budget refuses a reading of numbers, it need not refuse a release.
    if (reading.purpose !== 'measure') identity = asked;
    asked.then(
      () => (identity = asked),
      (error: unknown) => {
        if (!(error instanceof PublishError && error.isOverBudget)) identity = undefined;
      },
    );
    return asked;
  };
  return {
    look,
    self: (reading: Reading) => identity ?? look(reading),
    isKnown: () => identity !== undefined,
  };
}

function billedGet(
  { billing, read }: Pick<XSession, 'billing' | 'read'>,
  purpose: Purpose,
  signal: AbortSignal,
): Get {
  return (request) =>
    billing.read(purpose, toReading(request), () =>
      read(signal, (client) => client.v2.get<unknown>(request.path, request.query)),
    );
}

function toReading({ path, query, likely = [] }: Request) {
  const posts = query['ids'] ? likely.length : Number(query['max_results']);
  const expanded = (query['expansions'] ?? '').split(',');
  const users = expanded.filter((one) => one === 'author_id' || one === 'in_reply_to_user_id');
  return {
    posts: expanded.includes('referenced_posts') ? 2 * posts : posts,
    postIds: likely,
    users: users.length * posts,
    isOwn: path.startsWith('users/'),
  };
}

function parseIdentity(answer: unknown, site: string | undefined): Identity {
  const { id, username } = fieldsOf(fieldsOf(answer).data);
  if (typeof id !== 'string' || typeof username !== 'string')
    throw new PublishError('not-sent', 'X did not say whose credential this is', {
      advice: retriedLater,
    });
  return { id, handle: username, url: toXProfile(username, site) };
}
