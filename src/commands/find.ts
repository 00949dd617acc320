import type { Delivery } from '../core/delivery/delivery.ts';
import { pauseOf } from '../core/pause-state.ts';
import { Refusal } from '../core/problem.ts';
import { suggest } from '../core/text/suggest.ts';
import { readAccount, readPause } from '../flow/facts.ts';
import { type CommandContext, WrongUsage } from './command.ts';
import { stateClause } from './publishing-words.ts';

/**
 * The deliveries that an id means: one (`hello@bsky`), all of a post (`hello`), or all of one of
 * its runs (`hello~2`). Refuses where there is none.
 */
export async function findDeliveries(
  { store }: Pick<CommandContext, 'store'>,
  id: string | undefined,
): Promise<Delivery[]> {
  if (!id)
    throw new WrongUsage(
      'an ID is missing, such as hello or hello@account. `dripline queue` lists them',
    );
  const found = id.includes('@')
    ? [await store.findDelivery(id)].filter((one): one is Delivery => one !== undefined)
    : await listOfPost(store, id);
  if (found.length) return found;
  throw new Refusal(await tellUnknown(store, id));
}

/** More posts than a page shows; one undo has to find everything that a command has changed. */
const mostPosts = 100;
const mostDeliveries = 450;

/** The deliveries of several ids, with a comma between them: `hello,second@bsky`. */
export async function findEach(
  context: Pick<CommandContext, 'store'>,
  ids: string | undefined,
): Promise<Delivery[]> {
  const all = [...new Set((ids ?? '').split(',').map((id) => id.trim()))].filter(Boolean);
  if (all.length < 2) return findDeliveries(context, all[0]);
  if (all.length > mostPosts)
    throw new Refusal(`these are ${all.length} posts. Select ${mostPosts} at most`);
  const found = new Map<string, Delivery>();
  for (const id of all) for (const one of await findDeliveries(context, id)) found.set(one.id, one);
  if (found.size > mostDeliveries)
    throw new Refusal(
      `these posts are published ${found.size} times, counted by account. Select fewer of them`,
    );
  return [...found.values()];
}

/** A slip is rarely in the first letters: of many thousand posts those around it will do. */
const nearEnough = 500;

async function tellUnknown(store: CommandContext['store'], id: string): Promise<string> {
  const post = (id.split(/[@~]/)[0] ?? id).slice(0, 200);
  const meant = suggest(post, await store.listIdsNear(post, nearEnough));
  const hint =
    meant === undefined ? '`dripline queue` lists all posts' : `did you mean "${meant}"?`;
  return `there is no post "${id}": ${hint}`;
}

async function listOfPost(store: CommandContext['store'], id: string): Promise<Delivery[]> {
  const [, post, run] = /^(.+)~(\d+)$/.exec(id) ?? [undefined, id, undefined];
  const all = await store.listDeliveries({ post: post ?? id });
  return run === undefined ? all : all.filter((one) => one.run === Number(run));
}

/** The deliveries that the verb applies to. If there are none: a refusal with each one's reason. */
export function pickApplicable(
  deliveries: Delivery[],
  verb: string,
  whyNot: (delivery: Delivery) => string | undefined,
): Delivery[] {
  const fit = deliveries.filter((one) => whyNot(one) === undefined);
  if (fit.length) return fit;
  throw new Refusal(
    `cannot ${verb}: ${deliveries.map((one) => `${one.id} ${whyNot(one) ?? ''}`).join('; ')}`,
  );
}

/** Of several posts: those of which nothing could be changed, and why. */
export function tellLeftOut(
  found: readonly Delivery[],
  changed: readonly Delivery[],
  whyNot: (delivery: Delivery) => string | undefined,
): string[] {
  const done = new Set(changed.map(runOf));
  const rest = [...Map.groupBy(found, runOf)].filter(([run]) => !done.has(run));
  const told = rest
    .slice(0, mostNamed)
    .map(([run, [first]]) => `${run} was left out: it ${(first && whyNot(first)) ?? ''}.`);
  const more = rest.length - told.length;
  return more ? [...told, `So were ${more} more.`] : told;
}

export async function assertAccount(
  { settings }: Pick<CommandContext, 'settings'>,
  name: string,
): Promise<void> {
  if (settings.accounts.some((one) => one.name === name)) return;
  const names = settings.accounts.map((one) => one.name);
  const known = names.length ? `the accounts are ${names.join(', ')}` : 'none is configured';
  throw new Refusal(`there is no account "${name}": ${known}`);
}

/** For each of their accounts on which nothing may be published now: why. */
export async function whyNothingGoesOut(
  { store, settings, clock }: CommandContext,
  deliveries: Delivery[],
): Promise<Map<string, string>> {
  const pauses = await readPause(store);
  const found = new Map<string, string>();
  for (const account of new Set(deliveries.map((one) => one.account))) {
    if (!settings.accounts.some(({ name }) => name === account))
      found.set(account, 'is for an account that is not in the configuration');
    else if (pauseOf(pauses, account, clock.now()))
      found.set(account, 'is on an account that is paused: use `resume` first');
    const { heldBecause } = await readAccount(store, account);
    if (heldBecause !== undefined)
      found.set(account, `is on an account that is held: ${heldBecause}`);
  }
  return found;
}

/** A whole number above zero. */
export function toCount(text: unknown, usage: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1 || count > 1e9) throw new WrongUsage(usage);
  return count;
}

export function toDays(text: unknown): number {
  const days = text === '' ? NaN : Number(text);
  if (!(days > 0 && days <= 3660))
    throw new WrongUsage('--days takes a number of days, such as 14');
  return days;
}

const mostNamed = 6;

/** By their ids; of many only the first ones. */
export function list(deliveries: Delivery[]): string {
  const named = deliveries.slice(0, mostNamed).map(({ id }) => id);
  const more = deliveries.length - named.length;
  return more > 1
    ? `${named.join(', ')} and ${more} more`
    : deliveries.map(({ id }) => id).join(', ');
}

/**
 * The place of each delivery's post among them, from 0: what a command moves together keeps its
 * order.
 */
export function placesOf(deliveries: readonly Delivery[]): Map<string, number> {
  const inOrder = deliveries.toSorted(
    (a, b) =>
      (a.at ?? Infinity) - (b.at ?? Infinity) || (a.rank < b.rank ? -1 : Number(a.rank > b.rank)),
  );
  const posts = [...new Set(inOrder.map((one) => runOf(one)))];
  return new Map(deliveries.map((one) => [one.id, posts.indexOf(runOf(one))]));
}

/** What a run of a post is called on all its accounts: `hello`, `hello~2`. */
export const runOf = ({ id }: Pick<Delivery, 'id'>): string => id.split('@')[0] ?? id;

/**
 * A delivery with an intent must not change until the network or a person has reported its outcome.
 */
export function busy({ state }: Delivery): string | undefined {
  if (state === 'releasing') return stateClause(state);
  return state === 'uncertain' ? 'is uncertain: `settle` it first' : undefined;
}
