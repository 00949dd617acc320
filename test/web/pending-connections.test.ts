import { expect, test } from 'vitest';
import { minute } from '../../src/core/time.ts';
import { openPendings } from '../../src/web/connecting/pending.ts';

test('a connection is open for 15 minutes of the person, whatever the speed of the clock; too many push out the oldest', () => {
  for (const speed of [1, 2160]) {
    let now = 0;
    const clock = { now: () => now, monotonic: () => now / speed, speed };
    const pendings = openPendings(clock);
    const begin = () => pendings.begin('visitor', { network: 'mastodon', account: undefined });
    const { id } = begin();
    now += 14 * minute * speed;
    expect(pendings.find(id, 'visitor')?.id).toBe(id);
    expect(pendings.find(id, 'other')).toBeUndefined();
    now += 2 * minute * speed;
    expect(pendings.find(id, 'visitor')).toBeUndefined();
    const first = begin();
    for (let i = 0; i < 100; i += 1) begin();
    expect(pendings.find(first.id, 'visitor')).toBeUndefined();
  }
});
