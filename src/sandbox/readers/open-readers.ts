import { createHash } from 'node:crypto';
import { request } from 'node:http';
import { addressOf } from '../../core/clicks/counted-link.ts';
import { networks } from '../../core/network/network.ts';
import { day, second } from '../../core/time.ts';
import { rowOf } from '../world/network-rows.ts';
import type { Crawler } from '../world/network-row.ts';
import type { Audience } from '../world/sandbox-audience.ts';
import type { SandboxPost, World } from '../world/world.ts';
import { clicksOf, codesOf } from './imagine-clicks.ts';

interface Reading {
  world: World;
  audience: Audience;
  /** Where counted links lead to. */
  door: string;
}

const lookEvery = second / 2;
/** Nobody opens the links of older posts. */
const readFor = 5 * day;
const mostAtOnce = 25;

/**
 * The networks' machines open each counted link as soon as its post is there, and then people do,
 * a few at a time. Those of earlier posts have done so before.
 */
export function openReaders({ world, audience, door }: Reading): AsyncDisposable {
  const done = new Map<string, number>();
  for (const post of recent(world)) done.set(post.id, clicksOf(world, audience, post).people);
  let under: Promise<unknown> = Promise.resolve();
  let isBusy = false;
  const look = async () => {
    let left = mostAtOnce;
    for (const post of recent(world)) {
      const url = codesOf(post, door).map((code) => addressOf(door, code))[0];
      if (url === undefined || left <= 0) continue;
      if (!done.has(post.id)) await Promise.all(crawlersOf(post).map((one) => open(url, one)));
      const before = done.get(post.id) ?? 0;
      const more = Math.min(left, clicksOf(world, audience, post).people - before);
      done.set(post.id, before + Math.max(0, more));
      for (let i = 0; i < more; i++) await open(url, person(post, before + i));
      left -= Math.max(0, more);
    }
  };
  const timer = setInterval(() => {
    if (isBusy) return;
    isBusy = true;
    under = look().finally(() => (isBusy = false));
  }, lookEvery).unref();
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await under;
    },
  };
}

const recent = (world: World): SandboxPost[] =>
  networks
    .flatMap((network) => world.posts(network))
    .filter(({ at }) => at > world.clock.now() - readFor);

const crawlersOf = ({ network }: SandboxPost) => rowOf(network).crawlers;

interface Reader extends Crawler {
  headers?: Record<string, string>;
}

const webKit = 'AppleWebKit/605.1.15 (KHTML, like Gecko)';
const blink = 'AppleWebKit/537.36 (KHTML, like Gecko)';

/** What people come with: three of these navigate as Chromium and Firefox tell it. */
const browsers: { agent: string; tells: boolean }[] = [
  {
    agent: `Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) ${webKit} Mobile/15E148`,
    tells: false,
  },
  {
    agent: `Mozilla/5.0 (Linux; Android 15; Pixel 9) ${blink} Chrome/138.0.0.0 Mobile`,
    tells: true,
  },
  {
    agent: `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${blink} Chrome/138.0.0.0 Safari/537.36`,
    tells: true,
  },
  {
    agent: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
    tells: true,
  },
];

/** From an address of their own, so that two are not taken for one. */
function person({ id }: Pick<SandboxPost, 'id'>, number: number): Reader {
  const digest = createHash('sha256').update(`${id} ${number}`).digest();
  const browser = browsers[digest.readUInt8(3) % browsers.length];
  const [a, b, c] = digest.subarray(0, 3);
  return {
    method: 'GET',
    agent: browser?.agent ?? '',
    headers: {
      'x-forwarded-for': `198.${18 + ((a ?? 0) % 2)}.${b}.${c}`,
      ...(browser?.tells ? { 'sec-fetch-mode': 'navigate' } : {}),
    },
  };
}

/** Somebody with a browser; the same `who` comes from the same place. */
export const openAsPerson = (url: string, who: string): Promise<void> =>
  open(url, person({ id: who }, 0));

/** What the door answers is nobody's concern here. */
function open(url: string, { method, agent, headers = {} }: Reader): Promise<void> {
  const sent = agent === undefined ? headers : { ...headers, 'user-agent': agent };
  return new Promise((resolve) => {
    const asked = request(url, { method, headers: sent }, (answer) => {
      answer.resume().once('close', resolve);
    });
    asked.once('error', () => resolve());
    asked.setTimeout(second, () => asked.destroy());
    asked.end();
  });
}
