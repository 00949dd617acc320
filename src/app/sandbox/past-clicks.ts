import type { ClickCount } from '../../core/clicks/click.ts';
import { day, hour } from '../../core/time.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Store } from '../../ports/store.ts';
import type { Sandbox } from '../../sandbox/open-sandbox.ts';

interface Past<S extends Store> {
  store: S;
  sandbox: Pick<Sandbox, 'opened'>;
  clock: Clock;
}

/** There is no door yet: what people opened since the last look is counted when it is asked for. */
export function withPastClicks<S extends Store>({ store, sandbox, clock }: Past<S>): S {
  const counted = new Map<string, number>();
  const rise = (key: Omit<ClickCount, 'counter' | 'count'>, by: number): ClickCount[] => {
    if (by <= 0) return [];
    const id = JSON.stringify(key);
    const count = (counted.get(id) ?? 0) + by;
    counted.set(id, count);
    return [{ ...key, counter: 'past', count }];
  };
  const before = new Map<string, number>();
  const count = async (delivery: string): Promise<ClickCount[]> => {
    const { network, receipts = [] } = (await store.findDelivery(delivery)) ?? {};
    const opened = network && receipts[0] && sandbox.opened(network, receipts[0].id);
    if (!opened) return [];
    const now = clock.now();
    const more = opened.people - (before.get(delivery) ?? 0);
    const isFirst = !before.has(delivery);
    before.set(delivery, opened.people);
    const at = now - (now % hour);
    return [
      ...rise({ delivery, at, kind: 'person' }, more),
      ...rise({ delivery, at, kind: 'machine' }, isFirst ? opened.machines : 0),
      ...rise({ delivery, at: now - (now % day), kind: 'unique' }, more),
    ];
  };
  return {
    ...store,
    async sumClicks(deliveries = []) {
      const counts = await Promise.all(deliveries.map(count));
      await store.putClicks(counts.flat());
      return store.sumClicks(deliveries);
    },
  };
}
