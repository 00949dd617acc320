import { expect, test } from 'vitest';
import { type Asked, findIndexFor, type Index } from './index-for.ts';

const byState: Index = { key: { state: 1, rank: 1, _id: 1 } };
const bySlot: Index = { key: { account: 1, slotAt: 1 } };
const bySlotAlone: Index = { key: { slotAt: 1 }, sparse: true };
const byId: Index = { key: { _id: 1 } };
const all = [byId, byState, bySlot, bySlotAlone];

const asks = (asked: Partial<Asked>) =>
  findIndexFor({ filter: {}, sort: {}, limit: 0, ...asked }, all);

test('an index serves what its first fields are compared with, then a range or an order', () => {
  expect(asks({ filter: { _id: 'a', revision: 3 } })).toBe(byId);
  expect(asks({ filter: { _id: { $in: ['a'] } } })).toBe(byId);
  expect(asks({ filter: { _id: { $gt: 'a' } }, sort: { _id: 1 }, limit: 3 })).toBe(byId);
  expect(asks({ filter: { _id: /^spend:/ } })).toBe(byId);
  expect(asks({ filter: { state: { $in: ['queued'] } }, sort: { rank: 1, _id: 1 } })).toBe(byState);
  expect(asks({ filter: { state: 'queued' }, sort: { rank: -1 }, limit: 3 })).toBe(byState);
  expect(asks({ filter: { account: 'x', slotAt: { $lte: 3 } } })).toBe(bySlot);
  expect(asks({ filter: { slotAt: { $lte: new Date() } } })).toBe(bySlotAlone);
  expect(asks({ sort: { _id: 1 }, limit: 3 })).toBe(byId);
});

test('no index serves a walk: through a range, a sort before a limit, a field that is in none', () => {
  expect(asks({})).toBeUndefined();
  expect(asks({ sort: { _id: 1 } })).toBeUndefined();
  expect(asks({ filter: { rank: 'm' } })).toBeUndefined();
  expect(asks({ filter: { state: 'queued', account: 'x' } })).toBeUndefined();
  expect(asks({ filter: { state: { $ne: 'queued' }, rank: 'm' } })).toBeUndefined();
  expect(asks({ filter: { account: 'x' }, sort: { rank: 1 }, limit: 3 })).toBeUndefined();
  expect(asks({ sort: { slotAt: 1 }, limit: 3 })).toBeUndefined();
  expect(asks({ filter: { account: 'x', when: { $gt: 3 } } })).toBeUndefined();
});
