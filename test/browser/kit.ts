import { existsSync } from 'node:fs';
import axe from 'axe-core';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import type { Served } from '../../src/app.ts';
import { day, hour } from '../../src/core/time.ts';
import {
  collectingBatch,
  madeBatch,
  printedBatch,
  withoutLetters,
} from '../../src/core/people/letters/letter-batch.ts';
import { makeDelivery } from '../store/kit.ts';
import { addPeople, brokenFiles, welcomeFiles } from '../web/people-past.ts';
import { openWorld, until, type World } from '../flow/world.ts';

export const chromiumFile = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find((file) => existsSync(file));
export const howToGet = 'No Chromium is installed: apt-get install chromium';

export const openChromium = (): Promise<Browser> =>
  chromium.launch({ executablePath: chromiumFile ?? '', args: ['--no-sandbox'] });

/** What keeps people from using the page, as axe finds it. */
export async function findBarriers(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const found = await page.evaluate('axe.run(document, { resultTypes: ["violations"] })');
  const { violations } = found as {
    violations: { id: string; nodes: { html: string; failureSummary?: string }[] }[];
  };
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(
      ({ html, failureSummary = '' }) =>
        `${id}: ${html.slice(0, 160)} ${failureSummary.slice(0, 200)}`,
    ),
  );
}

export interface Opened extends AsyncDisposable {
  world: World;
  served: Served;
  web: string;
  openPage(options?: BrowserContextOptions): Promise<Page>;
  /** What went wrong in the pages so far: scripts that failed, requests that were blocked. */
  troubles: string[];
}

const files = {
  'posts/010-hello.md':
    '---\ntitle: Hello there\nfollowUps:\n  - { when: likes >= 20, as: reply, text: "More of it" }\n  - { otherwise: true, as: post, text: "Another try" }\n---\nHello, world https://example.com/hello #drip',
  'posts/020-second.md':
    'A second post that is longer than the first, so that lines have to be broken somewhere on a small screen: https://example.com/a-rather-long-address/that-goes-on',
  'posts/030-third.md': '---\ntitle: The third\ncampaign: spring\n---\nOne\n\n---\n\nTwo',
  'posts/040-offer.md': '---\ntitle: Spring offer\napproval: required\n---\nTwenty per cent off.',
  'posts/050-broken.md': '---\nnetwork: x\n---\nA key that is not known',
  ...welcomeFiles,
  ...brokenFiles,
};

/** A service with something of everything: what waits, what went wrong, and a past. */
export async function openDashboard(): Promise<Opened> {
  await using stack = new AsyncDisposableStack();
  const world = stack.use(
    await openWorld({
      yaml: 'cadence: { perDay: 1-2, minGap: 1h }\ncampaigns: { spring: { touches: 29 } }',
      files,
    }),
  );
  const served = stack.use(await world.serve());
  const browser = await openChromium();
  stack.defer(() => browser.close());
  const { store } = served.context;
  await until(
    'the queue is planned',
    async () => (await store.countDeliveries({ states: ['planned'] })) >= 9,
  );
  await addPast(served);
  await addPeople(store, served.context.clock.now());
  await addLetters(served);
  const troubles: string[] = [];
  const all = stack.move();
  return {
    world,
    served,
    web: served.web ?? '',
    troubles,
    async openPage(options = {}) {
      const context = await browser.newContext({
        viewport: { width: 1280, height: 900 },
        ...options,
      });
      const page = await context.newPage();
      page.on('pageerror', ({ message }) => troubles.push(message));
      page.on('console', (message) => message.type() === 'error' && troubles.push(message.text()));
      return page;
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

/** A batch to print, out of which somebody was taken, and one that is printed. */
async function addLetters({ context: { store, clock } }: Served): Promise<void> {
  const at = clock.now();
  const letters = ['a', 'b', 'c'].map((id) => `catalogue.voucher@p-${id}`);
  const first = madeBatch(collectingBatch('2026-03-02', at), { letters, at });
  const second = madeBatch(collectingBatch('2026-02-23', at), { letters, at });
  const out = withoutLetters(first, (id) => !id.endsWith('b'), at);
  for (const one of [out, printedBatch(second, { at, by: 'web' })])
    if (one) await store.putFact(`letters:${one.id}`, one, 0);
  await store.putFact('people:backlog', { at, since: at, count: 501 }, 0);
}

async function addPast({ context: { store, settings, clock } }: Served): Promise<void> {
  const now = clock.now();
  const past = settings.accounts.flatMap(({ name: account, network }, a) =>
    Array.from({ length: 8 }, (_, i) =>
      makeDelivery(`old${i}`, {
        account,
        network,
        state: 'released',
        startedAt: now - (i + 1) * day - a * hour,
        terms: { hash: 'h', campaign: 'spring' },
        receipts: [{ id: `${i}`, url: `https://example.com/${i}`, at: now - day }],
      }),
    ),
  );
  const troubled = settings.accounts.map(({ name: account, network }, a) =>
    makeDelivery('trouble', {
      account,
      network,
      state: (['uncertain', 'failed', 'missed'] as const)[a] ?? 'failed',
      reason: 'what went wrong, in a sentence: say `retry trouble`',
    }),
  );
  await store.addDeliveries([...past, ...troubled]);
  await store.addSamples(
    past.flatMap(({ id, post, account, network, startedAt = 0 }) =>
      [1, 6, 20].map((age) => ({
        delivery: id,
        post,
        account,
        network,
        releasedAt: startedAt,
        at: startedAt + age * hour,
        counts: { likes: age, reposts: 1 },
      })),
    ),
  );
  await store.appendJournal([
    {
      id: 'reply',
      at: now,
      type: 'reply',
      by: 'dripline',
      account: 'bsky',
      url: 'https://example.com/reply',
      text: 'carla.example answered old1@bsky: Which hours?',
    },
  ]);
}
