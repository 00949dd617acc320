import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { databaseUri } from '../peers/mongo.ts';
import { openTestCommands, openWorld, until, type World } from './world.ts';

const mongo = inject('mongoUri');
const mongoTest = mongo ? test : test.skip;
const needs = '(needs Java 17 and Maven, or mongod)';
const posts = (count: number) =>
  Object.fromEntries(
    Array.from({ length: count }, (_, i) => [`posts/${100 + i}-p${i}.md`, `Post ${i}`]),
  );
const fast = 'cadence: { perDay: 170000, windows: ["00:00-24:00"], minGap: 0s }';

interface Child {
  process: ChildProcess;
  said: string[];
}

/**
 * A service in a process of its own; `ahead`: its clock runs so many milliseconds ahead;
 * `holdBefore: 'publish'`: it waits in front of every socket.
 */
function spawnService(world: World, uri: string, { ahead = 0, holdBefore = '' } = {}): Child {
  const child = spawn(
    process.execPath,
    [
      join(import.meta.dirname, 'children/service.ts'),
      world.folder,
      uri,
      String(ahead),
      holdBefore,
    ],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const said: string[] = [];
  child.stdout.on('data', (chunk) => said.push(...String(chunk).trim().split('\n')));
  return { process: child, said };
}

const heard = ({ said }: Child, word: string, times = 1) =>
  until(
    `${word}, ${times} times`,
    () => said.filter((line) => line === word).length >= times,
    30_000,
  );

async function end(children: Child[]) {
  for (const { process: child } of children) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
}

const counts = (world: World) => {
  const seen = new Map<string, number>();
  for (const { network, text } of world.sandbox.accepted())
    seen.set(`${network} ${text}`, (seen.get(`${network} ${text}`) ?? 0) + 1);
  return seen;
};

mongoTest(
  `two services on one database release every delivery once ${needs}`,
  { timeout: 90_000 },
  async () => {
    const uri = databaseUri(mongo ?? '', `several-${process.pid}`);
    await using world = await openWorld({ yaml: fast, files: posts(20), mongoUri: uri });
    const children = [spawnService(world, uri), spawnService(world, uri)];
    try {
      await Promise.all(children.map((child) => heard(child, 'running')));
      await using commands = await openTestCommands(world);
      await commands.say('resume');
      await until('all are out', () => world.sandbox.accepted().length >= 60, 60_000);
      await until(
        'all have receipts',
        async () => (await commands.store.countDeliveries({ states: ['released'] })) === 60,
      );
      expect([...counts(world).values()].every((times) => times === 1)).toBe(true);
      expect(counts(world).size).toBe(60);
      const workers = new Set((await commands.store.listDeliveries({})).map(({ fence }) => fence));
      expect([...workers]).toEqual([1]);
    } finally {
      await end(children);
    }
  },
);

mongoTest(
  `a service stopped between intent and publish until its claim ran out sends nothing when it goes on ${needs}`,
  { timeout: 90_000 },
  async () => {
    const uri = databaseUri(mongo ?? '', `stopped-${process.pid}`);
    await using world = await openWorld({ yaml: fast, files: posts(1), mongoUri: uri });
    const first = spawnService(world, uri, { holdBefore: 'publish' });
    const children = [first];
    try {
      await heard(first, 'running');
      await using commands = await openTestCommands(world);
      await commands.say('resume');
      // All three accounts hold in front of their socket.
      await until(
        'three claims',
        async () =>
          (await commands.store.listDeliveries({ states: ['releasing'] })).filter(
            ({ intent }) => intent?.sending,
          ).length === 3,
      );
      first.process.kill('SIGSTOP');
      const second = spawnService(world, uri);
      children.push(second);
      await heard(second, 'running');
      await until(
        'the second has settled them',
        async () =>
          (await commands.store.listDeliveries({})).every(({ state }) =>
            ['released', 'uncertain'].includes(state),
          ),
        60_000,
      );
      first.process.kill('SIGCONT');
      await heard(first, 'refused', 3);
      const deliveries = await commands.store.listDeliveries({});
      expect(Object.fromEntries(deliveries.map(({ network, state }) => [network, state]))).toEqual({
        x: 'uncertain',
        bluesky: 'released',
        mastodon: 'released',
      });
      expect([...counts(world).entries()].sort()).toEqual([
        ['bluesky Post 0', 1],
        ['mastodon Post 0', 1],
      ]);
    } finally {
      await end(children);
    }
  },
);

mongoTest(
  `a service whose clock is 11 minutes ahead holds, and every delivery goes out once ${needs}`,
  { timeout: 90_000 },
  async () => {
    const uri = databaseUri(mongo ?? '', `ahead-${process.pid}`);
    await using world = await openWorld({ yaml: fast, files: posts(8), mongoUri: uri });
    const children = [spawnService(world, uri), spawnService(world, uri, { ahead: 11 * 60_000 })];
    try {
      await Promise.all(children.map((child) => heard(child, 'running')));
      await using commands = await openTestCommands(world);
      await commands.say('resume');
      await until(
        'all are out',
        async () => (await commands.store.countDeliveries({ states: ['released'] })) === 24,
        60_000,
      );
      expect([...counts(world).values()]).toEqual(Array.from({ length: 24 }, () => 1));
      const services = await commands.store.listFacts<{ heldBecause?: string }>('service:');
      expect(services.filter(({ value }) => value.heldBecause?.includes('11m ahead'))).toHaveLength(
        1,
      );
    } finally {
      await end(children);
    }
  },
);
