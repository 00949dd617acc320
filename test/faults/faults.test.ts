import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Network, networkNames, networks } from '../../src/core/network/network.ts';
import type { Misbehaviour } from '../../src/sandbox/http/misbehaviour.ts';
import { until } from '../flow/world.ts';
import { type CardPage, openCardPage, openFaultWorld } from './fault-world.ts';
import { brief, runCells } from './faults.ts';
import { listCells, requests } from './requests.ts';

/** A few of what `npm run test:faults` does. */
const chosen: [string, Misbehaviour][] = [
  ['who am I', 'html-502'],
  ['own timeline', '503'],
  ['first part', 'reset-after-commit'],
  ['first part', 'hang'],
  ['second part', '429'],
  ['second part', 'html-200-after-commit'],
  ['third part', 'reset-before'],
  ['look', 'truncate'],
];

let page: CardPage;
beforeAll(async () => {
  page = await openCardPage();
});
afterAll(() => page[Symbol.asyncDispose]());

test.each(networks)(
  'whatever %s does to a release, each part stands once and the others go on',
  async (network) => {
    const cells = listCells({ only: network }).filter(({ name, how }) =>
      chosen.some(([request, misbehaviour]) => request === name && misbehaviour === how),
    );
    expect(cells).toHaveLength(chosen.length);
    const outcomes = await runCells(cells, page, { atOnce: 2 });
    expect(
      outcomes.flatMap(({ cell, wrong }) =>
        wrong.map((text) => `${cell.how} at "${cell.name}" of ${networkNames[network]}: ${text}`),
      ),
    ).toEqual([]);
    const asks = outcomes
      .filter(({ states }) => states.includes('uncertain'))
      .map(({ cell }) => cell.how)
      .sort();
    expect(asks).toEqual(network === 'x' ? ['hang', 'reset-before'] : []);
  },
);

const withVideo: Record<Network, [string, Misbehaviour][]> = {
  x: [
    ['video data', 'reset-midway'],
    ['video end', 'html-502-after-commit'],
    ['video state', '429'],
  ],
  bluesky: [
    ['captions', '503'],
    ['video', 'reset-after-commit'],
    ['service video', 'processing-fails'],
  ],
  mastodon: [
    ['video', '413'],
    ['video state', 'truncate'],
  ],
};

test.each(networks)(
  'whatever %s does to a video, its post stands once, or fails with a reason',
  async (network) => {
    const chosenHere = withVideo[network];
    const cells = listCells({ only: network, video: true }).filter(({ name, how }) =>
      chosenHere.some(([request, misbehaviour]) => request === name && misbehaviour === how),
    );
    expect(cells).toHaveLength(chosenHere.length);
    const outcomes = await runCells(cells, page, { atOnce: 2 });
    expect(
      outcomes.flatMap(({ cell, wrong }) =>
        wrong.map((text) => `${cell.how} at "${cell.name}" of ${networkNames[network]}: ${text}`),
      ),
    ).toEqual([]);
  },
);

test.each([undefined, 'video', 'service'] as const)(
  'every request that a release makes is one that gets broken (%s)',
  async (of) => {
    await using world = await openFaultWorld(page, of);
    await using _served = await world.serve(brief);
    await world.say('resume');
    await until(
      'all are out',
      async () =>
        (await world.store().countDeliveries({ states: ['released'] })) ===
        3 * world.expected.deliveries,
    );
    const asked = world.sandbox
      .requests()
      .filter(({ network }) => networks.includes(network as Network));
    const missed = asked.filter(
      ({ network, route }) =>
        !requests[network as Network].some((one) =>
          new RegExp(one.route).test(route.replaceAll(/:\w+/g, '1')),
        ),
    );
    expect(missed).toEqual([]);
  },
);
