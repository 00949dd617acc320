import type { Delivery } from '../../src/core/delivery/delivery.ts';
import { type Network, networks } from '../../src/core/network/network.ts';
import { minute } from '../../src/core/time.ts';
import type { Timing } from '../../src/flow/context.ts';
import { describeUploads } from '../../src/flow/uploads/describe-uploads.ts';
import type { Misbehaviour } from '../../src/sandbox/http/misbehaviour.ts';
import { until } from '../flow/world.ts';
import { openFaultWorld, type CardPage, type FaultWorld } from './fault-world.ts';
import { judgeQuiet, judgeStanding, judgeStates } from './judge.ts';
import { type Cell, postRoutes } from './requests.ts';

export interface Outcome {
  cell: Cell;
  /** Of the two deliveries on the network that misbehaved, before a person said anything. */
  states: string[];
  /** Empty: all as promised. */
  wrong: string[];
  /** Milliseconds from the confirmed start to the last outcome. */
  took: number;
}

/** Short waits, so that a hanging request costs a second and not half a minute. */
export const brief: Partial<Timing> = {
  claimFor: 5000,
  publishFor: 1000,
  lookGapFor: 100,
  retryAfter: 100,
  sweepEvery: 100,
  heldAccountsEvery: 2000,
  rescanEvery: minute,
  listenEvery: 20,
};

const outcomes = ['released', 'uncertain', 'failed'];

/** So many worlds at once; what went wrong is said as it happens. */
export async function runCells(
  cells: Cell[],
  page: CardPage,
  { atOnce, say = () => undefined }: { atOnce: number; say?: (text: string) => void },
): Promise<Outcome[]> {
  const left = [...cells];
  const done: Outcome[] = [];
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (let cell = left.shift(); cell; cell = left.shift()) {
        const outcome = await runCell(cell, page).catch(toFailure(cell));
        for (const text of outcome.wrong)
          say(`${cell.network}, ${cell.how} at "${cell.name}": ${text}`);
        done.push(outcome);
      }
    }),
  );
  return done;
}

const toFailure =
  (cell: Cell) =>
  (error: unknown): Outcome => ({
    cell,
    states: [],
    wrong: [error instanceof Error ? error.message : String(error)],
    took: 0,
  });

/** One misbehaviour at one request of one network; the two others are well. */
export async function runCell(cell: Cell, page: CardPage): Promise<Outcome> {
  await using world = await openFaultWorld(page, cell.of);
  const rule = {
    network: cell.network,
    route: cell.route,
    every: cell.nth,
    times: 1,
    how: cell.how,
    ...(cell.how === 'slow' ? { ms: 300 } : {}),
  };
  if (cell.when === 'start') world.sandbox.misbehave(rule);
  await using served = await world.serve(brief);
  if (cell.when === 'look')
    world.sandbox.misbehave({
      network: cell.network,
      route: postRoutes[cell.network],
      times: 1,
      how: 'reset-after-commit',
    });
  const askedBefore = cell.when === 'start' ? 0 : world.asked(cell.network, cell.route);
  if (cell.when !== 'start') world.sandbox.misbehave(rule);
  await world.say('resume');
  const began = performance.now();
  const others = await settled(
    world,
    networks.filter((network) => network !== cell.network),
    20_000,
  );
  const wrong = others.flatMap((one) =>
    one.state === 'released'
      ? []
      : [`${one.id} is ${one.state} although its network is well: ${one.reason}`],
  );
  const mine = await settledWithTime(world, cell);
  const took = Math.round(performance.now() - began);
  wrong.push(...judgeStates(cell, mine, world), ...(await judgeQuiet(world, cell.network)));
  await tellTheTruth(world, mine);
  await tryAgain(world, cell, mine);
  wrong.push(...judgeStanding(world, await world.deliveries()));
  // People are looked at once all is out.
  const isMade = () => world.asked(cell.network, cell.route) >= askedBefore + cell.nth;
  if (!(await until('the request', isMade, 10_000).catch(() => false)))
    wrong.push('the request was never made');
  if (served.context.hold.because !== undefined)
    wrong.push(`everything is held: ${served.context.hold.because}`);
  return { cell, states: mine.map(({ state }) => state), wrong, took };
}

async function settled(world: FaultWorld, of: Network[], within: number): Promise<Delivery[]> {
  const all = async () => (await world.deliveries()).filter(({ network }) => of.includes(network));
  const isDone = (deliveries: Delivery[]) =>
    deliveries.length === world.expected.deliveries * of.length &&
    deliveries.every(({ state }) => outcomes.includes(state));
  try {
    await until(`outcomes on ${of.join(' and ')}`, async () => isDone(await all()), within);
  } catch (error) {
    const stuck = (await all())
      .filter(({ state }) => !outcomes.includes(state))
      .map(async (one) => {
        const uploads = await describeUploads(world.store(), one, world.clock.now());
        return `${one.id} stays ${one.state}: ${one.reason}; ${uploads?.text}`;
      });
    throw new Error((await Promise.all(stuck)).join('; ') || 'the posts are not in the queue', {
      cause: error,
    });
  }
  return all();
}

const takesTime: Misbehaviour[] = ['429', 'processing-hangs'];

/** A network that asks to wait for minutes gets them: the clock is moved once all else is done. */
async function settledWithTime(world: FaultWorld, cell: Cell): Promise<Delivery[]> {
  const { network, how } = cell;
  // What answers with a page in place of X's own words is left alone for a while.
  const isLong = takesTime.includes(how) || (how === 'truncate' && cell.of !== undefined);
  for (let moves = 0; isLong && moves < 4; moves++) {
    const end = await settled(world, [network], 2000).catch(() => undefined);
    if (end) return end;
    world.clock.move(16 * minute);
  }
  return settled(world, [network], 20_000);
}

/** What a network refused once is sent anew on a person's word. */
async function tryAgain(world: FaultWorld, { network }: Cell, mine: Delivery[]): Promise<void> {
  const failed = mine.filter(({ state }) => state === 'failed');
  for (const one of failed) await world.say(`retry ${one.id}`);
  const isOut = async () =>
    (await world.deliveries())
      .filter((one) => one.network === network)
      .every(({ state }) => state === 'released');
  if (failed.length) await until('what was tried again', isOut, 15_000);
}

/** What a person does about uncertain ones: looks, and says what is there. */
async function tellTheTruth(world: FaultWorld, mine: Delivery[]): Promise<void> {
  const uncertain = mine.filter(({ state }) => state === 'uncertain');
  for (const one of uncertain) {
    const text = one.intent?.message.parts[one.receipts.length]?.text;
    const standing = world.sandbox
      .accepted()
      .find((post) => post.network === one.network && post.text === text);
    await world.say(`settle ${one.id} ${standing ? `released ${standing.url}` : 'not-released'}`);
  }
  if (uncertain.length) await settled(world, [...networks], 15_000);
}
