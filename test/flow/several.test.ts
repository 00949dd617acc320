import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { systemClock } from '../../src/app/system-clock.ts';
import { databaseUri } from '../peers/mongo.ts';
import { openTestCommands, openWorld, until, type World } from './world.ts';
import type { ServiceOptions } from './children/service.ts';

const mongo = inject('mongoUri');
const mongoTest = mongo ? test : test.skip;
const needs = '(needs Java 17 and Maven, or mongod)';
const posts = (count: number) =>
  Object.fromEntries(
    Array.from({ length: count }, (_, i) => [`posts/${100 + i}-p${i}.md`, `Post ${i}`]),
  );
const fast = 'cadence: { perDay: 170000, windows: ["00:00-24:00"], minGap: 0s }';

/** Claims have to run out here, but not before all three of them are there. */
const outlived = { claimFor: 20_000, publishFor: 15_000 };

interface Child {
  process: ChildProcess;
  said: string[];
}

function spawnService(world: World, uri: string, options: ServiceOptions = {}): Child {
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, 'children/service.ts'), world.folder, uri, JSON.stringify(options)],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const said: string[] = [];
  child.stdout.on('data', (chunk) => said.push(...String(chunk).trim().split('\n')));
  return { process: child, said };
}

const heard = ({ said }: Child, word: string, times = 1) =>
  until(`${word}, ${times} times`, () => said.filter((line) => line === word).length >= times);

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

mongoTest(`two services on one database release every delivery once ${needs}`, async () => {
  const uri = databaseUri(mongo ?? '', `several-${process.pid}`);
  await using world = await openWorld({
    yaml: fast,
    files: posts(20),
    mongoUri: uri,
    clock: systemClock,
  });
  const children = [spawnService(world, uri), spawnService(world, uri)];
  try {
    await Promise.all(children.map((child) => heard(child, 'running')));
    await using commands = await openTestCommands(world);
    await commands.say('resume');
    await until('all are out', () => world.sandbox.accepted().length >= 60);
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
});

mongoTest(
  `a service stopped between intent and publish until its claim ran out sends nothing when it goes on ${needs}`,
  async () => {
    const uri = databaseUri(mongo ?? '', `stopped-${process.pid}`);
    await using world = await openWorld({
      yaml: fast,
      files: posts(1),
      mongoUri: uri,
      clock: systemClock,
    });
    const first = spawnService(world, uri, { holdsBeforePublish: true, timing: outlived });
    const children = [first];
    try {
      await heard(first, 'running');
      await using commands = await openTestCommands(world);
      await commands.say('resume');
      // All three accounts hold in front of their socket: their intent to send is written.
      await heard(first, 'holds', 3);
      first.process.kill('SIGSTOP');
      const second = spawnService(world, uri, { timing: outlived });
      children.push(second);
      await heard(second, 'running');
      await until('the second has settled them', async () =>
        (await commands.store.listDeliveries({})).every(({ state }) =>
          ['released', 'uncertain'].includes(state),
        ),
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
  async () => {
    const uri = databaseUri(mongo ?? '', `ahead-${process.pid}`);
    await using world = await openWorld({
      yaml: fast,
      files: posts(8),
      mongoUri: uri,
      clock: systemClock,
    });
    const children = [spawnService(world, uri), spawnService(world, uri, { ahead: 11 * 60_000 })];
    try {
      await Promise.all(children.map((child) => heard(child, 'running')));
      await using commands = await openTestCommands(world);
      await commands.say('resume');
      await until(
        'all are out',
        async () => (await commands.store.countDeliveries({ states: ['released'] })) === 24,
      );
      expect([...counts(world).values()]).toEqual(Array.from({ length: 24 }, () => 1));
      // To the seconds that a request takes.
      const services = await commands.store.listFacts<{ heldBecause?: string }>('service:');
      expect(
        services.filter(({ value }) => /is 1[01]m( \d+s)? ahead of/.test(value.heldBecause ?? '')),
      ).toHaveLength(1);
    } finally {
      await end(children);
    }
  },
);
