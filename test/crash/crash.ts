import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCommands } from '../../src/app/open-commands.ts';
import { systemClock } from '../../src/app/system-clock.ts';
import { commands } from '../../src/commands/all-commands.ts';
import { openEnvironment } from '../../src/config/environment.ts';
import { loadConfig } from '../../src/config/load.ts';
import { chance } from '../../src/core/chance.ts';
import type { Delivery } from '../../src/core/delivery/delivery.ts';
import { networks } from '../../src/core/network/network.ts';
import { until } from '../flow/world.ts';
import { accountsYaml } from '../sandbox/accounts-yaml.ts';

export interface CrashOptions {
  kills: number;
  /** Each goes to three accounts; every fifth is a thread of three. */
  posts: number;
  mongoUri?: string | undefined;
  seed: string;
  /** Every post that is no thread has a video, and kills hit its upload and processing too. */
  videos?: boolean;
  say?: (text: string) => void;
}

export interface CrashResult {
  deliveries: number;
  released: number;
  /** On X alone: nobody could tell, and a person was asked. */
  uncertain: number;
  kills: Record<string, number>;
  /** Texts that stand more than once, or not at all although they should. */
  wrong: string[];
}

interface Accepted {
  network: string;
  text: string;
}

const hows = ['at a moment', 'at a boundary', 'between commit and answer'] as const;

const partsOf = (post: number) => (post % 5 === 0 ? 3 : 1);
const textOf = (post: number, part: number) => `Post ${post}, part ${part}.`;

/**
 * Networks in a process of their own, a service that is killed again and again, and a count on the
 * networks' side at the end.
 */
export async function runCrashes(options: CrashOptions): Promise<CrashResult> {
  const folder = mkdtempSync(join(tmpdir(), 'dripline-crash-'));
  const peers = await startNetworks(join(folder, 'networks.jsonl'));
  let service: ChildProcess | undefined;
  try {
    prepare(folder, peers.baseUrls, options);
    const counts: Record<string, number> = {};
    for (let kill = 0; kill < options.kills; kill++) {
      const ways = options.videos ? [...hows, 'in an upload' as const] : hows;
      const how = ways[kill % ways.length] ?? 'at a moment';
      counts[how] = (counts[how] ?? 0) + 1;
      service = await killOnce(folder, how, `${options.seed} ${kill}`, peers.page, options);
      options.say?.(
        `kill ${kill + 1} of ${options.kills}, ${how}: ${(await accepted(peers.page)).length} messages stand`,
      );
    }
    service = await startService(folder, 0, options.mongoUri);
    const deliveries = await settleAll(folder, options, peers.page);
    return { ...judge(deliveries, await accepted(peers.page), options.posts), kills: counts };
  } finally {
    service?.kill('SIGKILL');
    peers.child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
}

async function startNetworks(file: string) {
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, '../sandbox/server.ts'), file, '0', '0', '0', '0'],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, ...toPeers(JSON.parse(line.toString()) as Record<string, string>) };
}

const toPeers = ({ page = '', ...baseUrls }: Record<string, string>) => ({ page, baseUrls });

function prepare(
  folder: string,
  baseUrls: Record<string, string>,
  { posts, kills, videos = false }: CrashOptions,
) {
  // Slow enough that there is something left for the last kill.
  const step = Math.max(0.2, (kills * 1.5) / posts);
  const perDay = Math.ceil(86_400 / step);
  mkdirSync(join(folder, 'config'));
  mkdirSync(join(folder, 'posts'));
  writeFileSync(
    join(folder, 'config/dripline.yaml'),
    `timezone: UTC
${accountsYaml(baseUrls)}cadence: { perDay: ${perDay}, windows: ["00:00-24:00"], minGap: 0s }
`,
  );
  if (videos) {
    mkdirSync(join(folder, 'media'));
    copyFileSync(clip, join(folder, 'media/clip.mp4'));
  }
  for (let post = 0; post < posts; post++) {
    const front = videos && partsOf(post) === 1 ? '---\nmedia: [clip.mp4]\n---\n' : '';
    const parts = Array.from({ length: partsOf(post) }, (_, part) => textOf(post, part));
    writeFileSync(
      join(folder, `posts/${1000 + post}-p${post}.md`),
      front + parts.join('\n\n---\n'),
    );
  }
}

async function startService(
  folder: string,
  killAfter: number,
  mongoUri: string | undefined,
): Promise<ChildProcess> {
  const child = spawn(
    process.execPath,
    [
      join(import.meta.dirname, 'service.ts'),
      folder,
      String(killAfter),
      ...(mongoUri ? [mongoUri] : []),
    ],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
  await confirmFirstStart(folder, mongoUri);
  return child;
}

const configOf = (folder: string, mongoUri: string | undefined) =>
  loadConfig(folder, openEnvironment(folder, mongoUri ? { MONGODB_URI: mongoUri } : {}));

async function say(folder: string, mongoUri: string | undefined, verb: string, ...args: string[]) {
  await using context = await openCommands(configOf(folder, mongoUri), 'cli', systemClock);
  return await commands.find(({ name }) => name === verb)?.run(context, { args, options: {} });
}

async function confirmFirstStart(folder: string, mongoUri: string | undefined) {
  const status = (await say(folder, mongoUri, 'status'))?.json as { paused: object | null };
  if (status.paused) await say(folder, mongoUri, 'resume');
}

async function killOnce(
  folder: string,
  how: string,
  seed: string,
  page: string,
  { mongoUri }: CrashOptions,
): Promise<ChildProcess> {
  const dice = chance(seed);
  const child = await startService(
    folder,
    how === 'at a boundary' ? 1 + Math.floor(dice * 40) : 0,
    mongoUri,
  );
  const gone =
    child.exitCode === null && child.signalCode === null ? once(child, 'exit') : Promise.resolve();
  const within = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  if (how === 'at a moment') await within(100 + dice * 1500);
  else if (how === 'at a boundary') await Promise.race([gone, within(8000)]);
  else if (how === 'in an upload') {
    const network = networks[Math.floor(dice * 3)] ?? 'x';
    const rule = { network, route: uploadRoutes[network], times: 1, how: 'hang-after-commit' };
    await control(page, 'POST', rule);
    await Promise.race([gone, within(500 + dice * 3000)]);
    await control(page, 'DELETE');
  } else {
    const network = networks[Math.floor(dice * 3)] ?? 'x';
    const before = (await accepted(page)).filter((post) => post.network === network).length;
    await control(page, 'POST', {
      network,
      route: routes[network],
      times: 1,
      how: 'hang-after-commit',
    });
    await Promise.race([
      until(
        `a post on ${network}`,
        async () =>
          (await accepted(page)).filter((post) => post.network === network).length > before,
        8000,
      ).catch(() => undefined),
      gone,
    ]);
    await control(page, 'DELETE');
  }
  child.kill('SIGKILL');
  await gone;
  return child;
}

const clip = join(import.meta.dirname, '../fixtures/clip.mp4');

const uploadRoutes = {
  x: 'media/upload',
  bluesky: 'uploadBlob',
  mastodon: '/media',
};

const routes = { x: '^POST /2/tweets', bluesky: 'putRecord', mastodon: '^POST /api/v1/statuses' };

async function control(page: string, method: string, rule?: object) {
  const answer = await fetch(`${page}/misbehave`, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(rule ? { body: JSON.stringify(rule) } : {}),
  });
  if (!answer.ok)
    throw new Error(`the networks did not take the rule: ${answer.status} ${await answer.text()}`);
}

const accepted = async (page: string): Promise<Accepted[]> =>
  (await fetch(`${page}/posts.json`)).json() as Promise<Accepted[]>;

const settled = ['released', 'failed', 'uncertain'];

/**
 * Waits until every delivery has come to an end, and does what a person is asked for: tells the
 * truth about uncertain ones.
 */
async function settleAll(
  folder: string,
  { mongoUri, posts, say: tell }: CrashOptions,
  page: string,
): Promise<(Delivery & { wasUncertain: boolean })[]> {
  await using context = await openCommands(configOf(folder, mongoUri), 'cli', systemClock);
  const all = () => context.store.listDeliveries({});
  const isDone = (list: Delivery[]) =>
    list.length === posts * 3 && list.every(({ state }) => settled.includes(state));
  await until(
    'every delivery has an outcome',
    async () => isDone(await all()),
    60_000 + posts * 1500,
  );
  const uncertain = new Set(
    (await all()).filter(({ state }) => state === 'uncertain').map(({ id }) => id),
  );
  for (const id of uncertain) {
    const one = await context.store.findDelivery(id);
    const standing = (await accepted(page)).filter(
      ({ network, text }) =>
        network === one?.network && text === one?.intent?.message.parts[one.receipts.length]?.text,
    );
    tell?.(`${id} is uncertain; it stands ${standing.length} times`);
    if (standing.length > 0)
      throw new Error(
        `${id} stands on the network and is uncertain: the look should have found it`,
      );
    await say(folder, mongoUri, 'settle', id, 'not-released');
  }
  await until(
    'those that were settled are out',
    async () => (await all()).every(({ state }) => state === 'released'),
    60_000,
  );
  return (await all()).map((one) => ({ ...one, wasUncertain: uncertain.has(one.id) }));
}

function judge(
  deliveries: (Delivery & { wasUncertain: boolean })[],
  standing: Accepted[],
  posts: number,
): Omit<CrashResult, 'kills'> {
  const wrong: string[] = [];
  for (const network of networks) {
    for (let post = 0; post < posts; post++) {
      for (let part = 0; part < partsOf(post); part++) {
        const times = standing.filter(
          (one) => one.network === network && one.text === textOf(post, part),
        ).length;
        if (times !== 1) wrong.push(`${network}: "${textOf(post, part)}" stands ${times} times`);
      }
    }
  }
  const uncertain = deliveries.filter((one) => one.wasUncertain);
  wrong.push(
    ...uncertain
      .filter(({ network }) => network !== 'x')
      .map(({ id }) => `${id} was uncertain, which only X may be`),
  );
  return {
    deliveries: deliveries.length,
    released: deliveries.filter(({ state }) => state === 'released').length,
    uncertain: uncertain.length,
    wrong,
  };
}
