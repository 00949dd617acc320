import { chunksOf } from '../../core/chunks.ts';
import { type Delivery, isOpen, isPending, openStates } from '../../core/delivery/delivery.ts';
import { edited, held, revived, withdrawnByFile } from '../../core/delivery/moves.ts';
import { newDelivery } from '../../core/delivery/new-delivery.ts';
import { isRankedByPerson, rankInFile } from '../../core/delivery/rank.ts';
import type { Held } from '../../core/delivery/reason.ts';
import { keepOverruled, type Terms } from '../../core/delivery/terms.ts';
import type { JournalEntry } from '../../core/journal.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import type { Post } from '../../core/post/post.ts';
import { followUpIds } from '../../core/post/series.ts';
import { formatProblem, type Problem } from '../../core/problem.ts';
import type { Settings } from '../../core/settings.ts';
import type { Change, StoredPost } from '../../ports/store.ts';
import { type Context, makeDeliveryEntry, makeEntry } from '../context.ts';
import { ownTurn } from '../../ports/own-turn.ts';

type Ingesting = Pick<Context, 'store' | 'clock' | 'settings'>;

/** The accounts that a post goes to. */
export function accountsFor(
  post: Pick<Post, 'queue' | 'networks' | 'overrides'>,
  { accounts, queues }: Settings,
) {
  const queueAccounts = post.queue === undefined ? undefined : queues[post.queue]?.accounts;
  return accounts.filter(
    ({ name, network }) =>
      (post.networks === undefined ||
        post.networks.includes(network) ||
        post.networks.includes(name)) &&
      !post.overrides[network]?.skip &&
      (queueAccounts === undefined || queueAccounts.includes(name)),
  );
}

const isADraft: Held = { because: 'draft', text: 'is a draft' };

function termsOf(post: Post): Terms {
  return pickDefined({
    hash: post.hash,
    pin: post.pin,
    notBefore: post.notBefore,
    expires: post.expires,
    after: post.after,
    feed: post.feedPerDay === undefined ? undefined : { url: post.source, perDay: post.feedPerDay },
    approval: post.approval || undefined,
    campaign: post.campaign,
    isEvergreen: post.evergreen ? true : undefined,
    together: post.together,
    moves: post.media.some(({ moves }) => moves) ? (true as const) : undefined,
    held: post.draft ? isADraft : undefined,
  });
}

/**
 * Keeps the posts, makes a delivery for each account that is new to them, and brings those that are
 * not out up to date.
 */
export async function ingestPosts(context: Ingesting, posts: Iterable<StoredPost>): Promise<void> {
  for (const some of chunksOf(posts, mostAtOnce)) {
    await ingestSome(context, some);
    // A folder of thousands holds up no release and no page.
    await ownTurn();
  }
}

/** What is in memory at a time. */
const mostAtOnce = 200;

async function ingestSome(context: Ingesting, posts: StoredPost[]): Promise<void> {
  const { store, clock, settings } = context;
  const before = new Map(
    (await store.findPosts(posts.map(({ id }) => id))).map((one) => [one.id, one]),
  );
  const deliveries = await deliveriesOf(
    context,
    posts.filter(({ id }) => before.has(id)).map(({ id }) => id),
  );
  const fresh: Delivery[] = [];
  const changes: Change[] = [];
  const entries: JournalEntry[] = [];
  for (const stored of posts) {
    const own = deliveries.get(stored.id) ?? [];
    fresh.push(...newDeliveries(stored.post, own, { settings, now: clock.now() }));
    changes.push(...changedDeliveries(stored.post, own, settings));
    const known = before.get(stored.id);
    if (known?.post.followUps.length)
      await withdrawUnruled(context, known.post, { after: stored.post, reason: withdrawnByRule });
    const entry = tell(context, stored, known);
    if (entry) entries.push(entry);
  }
  if (fresh.length) await store.addDeliveries(fresh);
  if (changes.length) await store.changeDeliveries(changes);
  if (entries.length) await store.appendJournal(entries);
  // Last: what was interrupted before is done again, since the file still looks new.
  await store.savePosts(posts);
}

async function deliveriesOf({ store }: Ingesting, ids: string[]): Promise<Map<string, Delivery[]>> {
  return Map.groupBy(await store.listDeliveries({ posts: ids }), ({ post }) => post);
}

function tell(
  context: Ingesting,
  stored: StoredPost,
  before: StoredPost | undefined,
): JournalEntry | undefined {
  const about = { post: stored.id };
  if (!before)
    return makeEntry(context, 'ingested', {
      ...about,
      id: `ingested:${stored.id}`,
      text: `${stored.post.file} is in the queue as ${stored.id}`,
    });
  if (before.goneAt !== undefined)
    return makeEntry(context, 'restored', { ...about, text: `${stored.post.file} is back` });
  if (before.path !== stored.path)
    return makeEntry(context, 'renamed', {
      ...about,
      text: `${before.post.file} is now ${stored.post.file}, and still ${stored.id}`,
    });
  if (before.hash !== stored.hash)
    return makeEntry(context, 'edited', { ...about, text: `${stored.post.file} was changed` });
  return undefined;
}

function newDeliveries(
  post: Post,
  known: Delivery[],
  { settings, now }: { settings: Settings; now: number },
): Delivery[] {
  // A new account does not get posts that were settled everywhere else before it came.
  if (known.length && known.every(({ state }) => !isOpen(state) && state !== 'releasing'))
    return [];
  const has = new Set(known.map(({ account }) => account));
  return accountsFor(post, settings)
    .filter(({ name }) => !has.has(name))
    .map(({ name, network }) =>
      newDelivery(
        {
          post: post.id,
          account: name,
          network,
          queue: post.queue,
          rank: rankInFile(post.weight, post.order),
          terms: termsOf(post),
        },
        now,
      ),
    );
}

const byFile = 'its file was deleted';
const byNetworks = 'its front matter no longer names this account';
const byRuns = 'its front matter no longer repeats it';

function changedDeliveries(post: Post, known: Delivery[], settings: Settings): Change[] {
  const wanted = new Set(accountsFor(post, settings).map(({ name }) => name));
  const configured = new Set(settings.accounts.map(({ name }) => name));
  const terms = termsOf(post);
  return known.flatMap((before) => {
    const after = changedDelivery(before, post, {
      terms,
      isWanted: wanted.has(before.account),
      isConfigured: configured.has(before.account),
    });
    return after && JSON.stringify(after) !== JSON.stringify(before) ? [{ before, after }] : [];
  });
}

interface Wanting {
  terms: Terms;
  isWanted: boolean;
  isConfigured: boolean;
}

/** Undefined: the file changes nothing about it. */
function changedDelivery(
  before: Delivery,
  post: Post,
  { terms, isWanted, isConfigured }: Wanting,
): Delivery | undefined {
  const hasOwnRank = before.run > 1 || before.terms.followUp || isRankedByPerson(before.rank);
  const words = {
    terms: editTerms(before, terms),
    rank: hasOwnRank ? before.rank : rankInFile(post.weight, post.order),
    queue: post.queue,
  };
  if (isOpen(before.state)) {
    const open = edited(before, words);
    if (!isRunWanted(before, post)) return withdrawnByFile(open, byRuns);
    return isWanted || !isConfigured ? open : withdrawnByFile(open, byNetworks);
  }
  const isBack = before.state === 'withdrawn' && !before.byPerson;
  const isNew = isBack || isCorrected(before, terms);
  if (isNew && isWanted && isRunWanted(before, post)) return revived(before, words);
  // What a person may still bring back is brought back as its file is now.
  return !isNew && isPending(before) ? edited(before, words) : undefined;
}

/** An evergreen's later run, while the file still asks for it. */
function isRunWanted({ run, terms }: Delivery, { evergreen }: Post): boolean {
  if (run === 1 || terms.followUp) return true;
  const { times = Infinity, until = Infinity } = evergreen ?? { times: 1 };
  return run <= times && (terms.notBefore ?? 0) <= until;
}

/** The network had definitely refused it, nothing of it is out, and its text is another now. */
const isCorrected = ({ state, isRefused, receipts, terms: { hash } }: Delivery, terms: Terms) =>
  state === 'failed' && isRefused === true && receipts.length === 0 && hash !== terms.hash;

/**
 * A later run of an evergreen has a time of its own; what was sent as a follow-up stays one, of its
 * parent's campaign where the file names none.
 */
function editTerms({ run, terms: before }: Delivery, terms: Terms): Terms {
  const { followUp, campaign: inherited, ...rest } = before;
  const campaign = terms.campaign ?? (followUp ? inherited : undefined);
  return pickDefined(
    run > 1
      ? { ...rest, ...pickRepeated(terms), followUp, campaign }
      : { ...keepOverruled(terms, before), followUp, campaign },
  );
}

/** What the file says about every run: the text, whether it is held, and who has to agree. */
const pickRepeated = ({ hash, held, approval, isEvergreen }: Terms) => ({
  hash,
  held,
  approval,
  isEvergreen,
});

const withdrawnByRule = 'its rule was taken out of the file';

/** Follow-ups on their way whose rule is gone from the file. */
async function withdrawUnruled(
  context: Ingesting,
  before: Post,
  { after, reason }: { after?: Post; reason: string },
): Promise<void> {
  const kept = new Set(after ? followUpIds(after) : []);
  for (const id of followUpIds(before).filter((one) => !kept.has(one)))
    await withdrawPost(context, id, reason);
}

async function withdrawPost(context: Ingesting, id: string, reason: string): Promise<void> {
  for (const before of await context.store.listDeliveries({ post: id, states: openStates })) {
    await context.store.changeDelivery(before, withdrawnByFile(before, reason), [
      makeDeliveryEntry(context, before, {
        type: 'withdrawn',
        text: `${before.id} is withdrawn: ${reason}`,
      }),
    ]);
  }
}

/** Files that are gone: what is not out of them is withdrawn. */
export async function withdrawGone(context: Ingesting, gone: StoredPost[]): Promise<void> {
  const { store, clock } = context;
  for (const stored of gone) {
    await withdrawPost(context, stored.id, byFile);
    await withdrawUnruled(context, stored.post, { reason: byFile });
  }
  await store.savePosts(gone.map((stored) => ({ ...stored, goneAt: clock.now() })));
}

/**
 * Posts whose file cannot be read, or that vanished with many others: they stay where they are
 * until that is corrected, and what follows them too.
 */
export async function holdPosts(
  context: Ingesting,
  ids: string[],
  why: Held | undefined,
): Promise<void> {
  const following = (await context.store.findPosts(ids)).flatMap(({ post }) => followUpIds(post));
  const found = await deliveriesOf(context, [...ids, ...following]);
  const changes = [...found.values()]
    .flat()
    .filter((one) => isPending(one) && one.terms.held?.text !== why?.text)
    .map((before): Change => ({ before, after: held(before, why) }));
  if (changes.length) await context.store.changeDeliveries(changes);
}

/** Each problem is reported once, until it changes. */
export async function tellProblems(
  context: Ingesting,
  path: string,
  problems: Problem[],
): Promise<void> {
  const errors = problems.filter(({ severity }) => severity === 'error');
  await context.store.appendJournal(
    errors.map((problem) =>
      makeEntry(context, 'problem', {
        id: `problem:${path}:${formatProblem(problem)}`.slice(0, 400),
        text: formatProblem(problem),
      }),
    ),
  );
}
