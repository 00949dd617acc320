import type { Delivery } from '../../src/core/delivery/delivery.ts';
import { type Network, networks } from '../../src/core/network/network.ts';
import { readAccount } from '../../src/flow/facts.ts';
import type { AcceptedPost } from '../../src/sandbox/open-sandbox.ts';
import type { FaultWorld } from './fault-world.ts';
import { type Cell, postRoutes } from './requests.ts';

/** Where these meet a request that posts, X cannot tell that nothing landed. */
const unknowable = ['reset-before', 'reset-midway', 'hang', 'html-502', '503'];
/** The network says that it takes no such file, now or ever: a person decides, and is told why. */
const refusing = ['413', 'processing-fails', 'processing-hangs'];
const isPost = ({ route, network }: Cell) => route === postRoutes[network];

/**
 * Everything is out, but where only a person can know; and nothing was sent without an answer to
 * the send before it.
 */
export function judgeStates(cell: Cell, mine: Delivery[], world: FaultWorld): string[] {
  const mayBeRefused = refusing.includes(cell.how);
  const mayBeUncertain = cell.network === 'x' && isPost(cell) && unknowable.includes(cell.how);
  const wrong = mine.flatMap(({ id, state, reason }) =>
    state === 'released' ||
    (state === 'uncertain' && mayBeUncertain) ||
    (state === 'failed' && mayBeRefused && reason)
      ? []
      : [`${id} is ${state}: ${reason}`],
  );
  if (mayBeUncertain && mine.every(({ state }) => state === 'released'))
    wrong.push('X cannot have told that nothing landed, and yet all is out');
  for (const { id, reason } of mine)
    if (reason !== undefined && mayBeUncertain && !reason.includes('2 searches'))
      wrong.push(`${id} is uncertain without two searches: ${reason}`);
  return cell.network === 'x' ? [...wrong, ...judgeSends(cell, world)] : wrong;
}

function judgeSends(cell: Cell, world: FaultWorld): string[] {
  const sends = world.asked('x', postRoutes.x);
  const standing = world.sandbox.accepted().filter(({ network }) => network === 'x').length;
  // One that was put off or got lost on its way: one send more than there are posts.
  const fruitless = isPost(cell) && [...unknowable, '429'].includes(cell.how) ? 1 : 0;
  return sends === standing + fruitless ? [] : [`${sends} sends for ${standing} posts on X`];
}

/** The networks that are well saw no trouble: nothing put off, looked up or held. */
export async function judgeQuiet(world: FaultWorld, faulty: Network): Promise<string[]> {
  const entries = await world
    .store()
    .listJournal({ types: ['deferred', 'reconciled', 'failed', 'uncertain', 'held'] });
  const loud = entries
    .filter(({ network, account }) => (network ?? world.networkOf(account)) !== faulty)
    // Its slot is now, and a network takes a moment over a video.
    .filter(({ text = '' }) => !/ waits: (?!.*went wrong)/.test(text))
    .map(({ text }) => `trouble elsewhere: ${text}`);
  for (const network of networks.filter((one) => one !== faulty)) {
    const fact = await readAccount(world.store(), world.accountOf(network));
    if (fact.failures > 0 || fact.backoffUntil !== undefined)
      loud.push(`${network} was backed off from: ${fact.lastError}`);
  }
  return loud;
}

/** Everywhere each text once, a thread in order, and behind each receipt its post. */
export function judgeStanding(world: FaultWorld, deliveries: Delivery[]): string[] {
  const wrong: string[] = [];
  for (const network of networks) {
    const standing = world.sandbox.accepted().filter((post) => post.network === network);
    for (const one of deliveries.filter((delivery) => delivery.network === network))
      wrong.push(...judgeDelivery(one, standing));
    if (standing.length !== world.expected.posts)
      wrong.push(
        `${network} has ${standing.length} posts, not ${world.expected.posts}: ${standing.map(({ text }) => JSON.stringify(text)).join(', ')}`,
      );
  }
  return wrong;
}

function judgeDelivery(one: Delivery, standing: AcceptedPost[]): string[] {
  if (one.state !== 'released') return [`${one.id} stays ${one.state}: ${one.reason}`];
  const posts = one.receipts.map(({ id }) => standing.find((post) => post.id === id));
  return (one.intent?.message.parts ?? []).flatMap(({ text }, i) => {
    const post = posts[i];
    if (!post) return [`part ${i + 1} of ${one.id} has no post behind its receipt`];
    return [
      post.text === text ? [] : [`part ${i + 1} of ${one.id} says ${JSON.stringify(post.text)}`],
      post.inReplyTo === (i > 0 ? posts[i - 1]?.id : undefined)
        ? []
        : [`part ${i + 1} of ${one.id} answers ${post.inReplyTo}`],
    ].flat();
  });
}
