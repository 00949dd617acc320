import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { systemClock } from '../../src/app/system-clock.ts';
import { databaseUri } from '../peers/mongo.ts';
import { openTestCommands, openWorld, until, type World } from './world.ts';

const mongo = inject('mongoUri');
const mongoTest = mongo ? test : test.skip;

/**
 * Everything about one parent: what the audience likes is decided by its number, so that one
 * decision comes after the other.
 */
const parent = (i: number) => `---
id: p${i}
followUps:
  - { when: "likes >= 20", within: 1h, as: reply, text: "After ${i}." }
---
Parent ${i}.`;

/** Returns how it ended, once it was killed; undefined: it lived until all had their follow-up. */
async function serveUntilKilled(
  world: World,
  killAt: number,
  mongoUri: string | undefined,
  isDone: () => Promise<boolean>,
): Promise<'killed' | undefined> {
  const child = spawn(
    process.execPath,
    [
      join(import.meta.dirname, 'children/killed.ts'),
      world.folder,
      `p${killAt}.f1@`,
      String(killAt),
      ...(mongoUri ? [mongoUri] : []),
    ],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const ended = once(child, 'exit');
  const first = await Promise.race([
    ended.then(() => 'killed' as const),
    until('the last follow-up', isDone).then(() => undefined),
  ]);
  if (first === undefined) {
    child.kill('SIGKILL');
    await ended;
  }
  return first;
}

/** The service makes the store: until then there is nothing to say it to. */
async function resume(world: World): Promise<boolean> {
  try {
    await using commands = await openTestCommands(world);
    if (!(await commands.say('status')).paused?.firstStart) return false;
    await commands.say('resume');
    return true;
  } catch {
    return false;
  }
}

async function killAtEachWrite(mongoUri?: string): Promise<void> {
  await using world = await openWorld({
    clock: systemClock,
    yaml: 'cadence: { perDay: 170000, windows: ["00:00-24:00"], minGap: 0s }',
    files: { 'posts/p1.md': parent(1) },
    ...(mongoUri ? { mongoUri } : {}),
    imagine: ({ network, text }) => ({
      likes: network === 'bluesky' && text.startsWith('Parent') ? 25 : 3,
    }),
  });
  const replies = () =>
    world.sandbox
      .accepted()
      .filter(({ text }) => text.startsWith('After'))
      .sort((a, b) => Number(a.text.slice(6, -1)) - Number(b.text.slice(6, -1)));
  let [kills, posts] = [0, 1];
  for (let isOver = false; !isOver && posts < 40;) {
    const isDone = async () => {
      if (!replies().some(({ text }) => text === `After ${posts}.`)) return false;
      await using commands = await openTestCommands(world);
      return (await commands.say(`show p${posts}.f1`)).deliveries[0].state === 'released';
    };
    const resuming =
      posts === 1 ? until('the first start to be confirmed', () => resume(world)) : undefined;
    const how = await serveUntilKilled(world, posts, mongoUri, isDone);
    await resuming;
    if (how === 'killed') kills++;
    // Nothing was left to kill it at: it lived from the decision to the receipt and beyond.
    isOver = how === undefined && kills > 0;
    posts++;
    if (!isOver) world.write({ [`posts/p${posts}.md`]: parent(posts) });
  }
  // What another process had in hand when it was killed is looked at once its claim has run out.
  await serveUntilKilled(world, 0, mongoUri, async () => replies().length >= posts - 1);
  expect(kills).toBeGreaterThan(5);
  const parents = new Map(
    world.sandbox
      .accepted()
      .flatMap(({ network, text, id }) =>
        network === 'bluesky' && text.startsWith('Parent') ? [[text, id]] : [],
      ),
  );
  expect(replies().map(({ network, text, inReplyTo }) => ({ network, text, inReplyTo }))).toEqual(
    Array.from({ length: posts - 1 }, (_, i) => ({
      network: 'bluesky',
      text: `After ${i + 1}.`,
      inReplyTo: parents.get(`Parent ${i + 1}.`),
    })),
  );
}

test(
  'killed at each write between the decision and the receipt, a follow-up goes out once, on SQLite',
  { timeout: 420_000 },
  () => killAtEachWrite(),
);

mongoTest(
  'killed at each write between the decision and the receipt, a follow-up goes out once, on MongoDB (needs Java 17 and Maven, or mongod)',
  { timeout: 420_000 },
  () => killAtEachWrite(databaseUri(mongo ?? '', `killed-${process.pid}`)),
);
