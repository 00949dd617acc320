import fc from 'fast-check';
import { expect, test } from 'vitest';
import { buttonsFor, findPressed, isOfSame, readButton } from '../../src/chat/buttons.ts';
import { splitText } from '../../src/chat/split-message.ts';
import { type Delivery, states } from '../../src/core/delivery/delivery.ts';
import { openMemoryStore } from '../../src/store/memory-store.ts';

const make = (post: string, about: { [K in keyof Delivery]?: unknown } = {}): Delivery =>
  ({
    id: `${post}@masto`,
    post,
    run: 1,
    account: 'masto',
    network: 'mastodon',
    state: 'planned',
    rank: 'm',
    terms: { hash: 'h' },
    attempts: 0,
    fence: 0,
    receipts: [],
    looks: 0,
    createdAt: 0,
    revision: 1,
    ...about,
  }) as unknown as Delivery;

test('a button fits into what Telegram takes, and leads back to its delivery, however long the name', async () => {
  const store = openMemoryStore();
  const long = make(
    'a-very-long-name-of-a-post-that-somebody-has-given-it-for-reasons-of-their-own',
  );
  await store.addDeliveries([long, make('short')]);
  for (const one of [long, make('short')]) {
    for (const { data } of buttonsFor({ ...one, revision: 123_456 }, Date.now())) {
      expect(Buffer.byteLength(data)).toBeLessThanOrEqual(64);
      const pressed = readButton(data);
      expect(pressed).toMatchObject({ kind: 'deed', revision: 123_456 });
      expect((await findPressed(store, pressed?.kind === 'deed' ? pressed.target : ''))?.id).toBe(
        one.id,
      );
    }
  }
});

test('what is over has no buttons, and the buttons of one delivery are used up together', () => {
  const labels = Object.fromEntries(
    states.map((state) => [state, buttonsFor(make('a', { state }), 0).map(({ label }) => label)]),
  );
  expect([labels['released'], labels['uncertain'], labels['failed']]).toEqual([
    [],
    ['Published', 'Not published'],
    ['Retry', 'Withdraw'],
  ]);
  expect(
    buttonsFor(
      make('a', { state: 'failed', receipts: [{ id: '1', url: 'https://x.com/1', at: 0 }] }),
      0,
    ).map(({ label }) => label),
  ).toEqual(['Retry']);
  const [skip, later] = buttonsFor(make('a'), 0);
  const [other] = buttonsFor(make('b'), 0);
  expect([
    isOfSame(skip?.data ?? '', later?.data ?? ''),
    isOfSame(skip?.data ?? '', other?.data ?? ''),
  ]).toEqual([true, false]);
});

test('what is no button of ours is nothing', () => {
  for (const data of ['', 'x', 'q|a|1|1', 's|a', 'constructor|a|1|1', '|||'])
    expect(readButton(data)).toBeUndefined();
});

test('a text in pieces is the same text, each piece is short enough, and no character is cut in two', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: 'grapheme', maxLength: 60 }), { maxLength: 30 }),
      fc.integer({ min: 20, max: 80 }),
      (lines, length) => {
        const text = lines.join('\n');
        const pieces = splitText(text, { length, most: 1000 });
        expect(pieces.join('').replaceAll('\n', '')).toBe(text.replaceAll('\n', ''));
        for (const piece of pieces) {
          expect(piece.length).toBeLessThanOrEqual(length);
          expect(piece.isWellFormed()).toBe(text.isWellFormed());
        }
      },
    ),
  );
  expect(splitText('a\nb\nc\nd', { length: 1, most: 2 })).toEqual([
    'a',
    'b',
    '… and 2 more lines. The command line and the dashboard show all of it.',
  ]);
});
