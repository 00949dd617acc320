import { expect, test } from 'vitest';
import { networks } from '../../src/core/network/network.ts';
import { day } from '../../src/core/time.ts';
import { compareIds, createIds, idAt } from '../../src/sandbox/world/ids.ts';

const start = Date.parse('2026-11-24T08:00:00Z');

/** The sandbox's day takes 40 seconds: two months that it really runs are these years. */
const years = 350;

test.each(networks)(
  'ids on %s rise and fit as long as the sandbox may run, whatever the mark',
  (network) => {
    let now = start;
    const clock = { now: () => now, monotonic: () => 0 };
    const ids = createIds(clock);
    let last = ids.next(network);
    for (let days = 61; days < years * 365; days += 61) {
      now = start + days * day;
      const made = [idAt(network, now - 1, 0xffffffff), ids.next(network), ids.next(network)];
      for (const id of made) {
        expect(compareIds(id, last)).toBeGreaterThanOrEqual(0);
        if (network === 'bluesky') expect(id).toMatch(/^[234567abcdefghij][234567a-z]{12}$/);
        else expect(BigInt(id)).toBeLessThan(2n ** 63n);
        last = id;
      }
      now += 1;
      expect(compareIds(ids.next(network), last)).toBe(1);
    }
  },
);
