// Claims whatever is queued until nothing is left, and says which it got.
import { openStore } from '../../../src/store/open-store.ts';
import { alter } from '../kit.ts';

await using store = await openStore({ ...JSON.parse(process.argv[2] ?? ''), mode: 'beside' });
console.log('ready');
await new Promise((resolve) => process.stdin.once('data', resolve));
for (;;) {
  const queued = await store.listDeliveries({ states: ['queued'], limit: 5 });
  if (queued.length === 0) break;
  for (const delivery of queued) {
    const claimed = await store.changeDelivery(
      delivery,
      alter(delivery, {
        state: 'releasing',
        fence: delivery.fence + 1,
        claim: { by: String(process.pid), fence: delivery.fence + 1, until: 0 },
      }),
      [
        {
          id: `claim ${delivery.id} ${process.pid}`,
          at: Date.now(),
          type: 'intent',
          by: 'dripline',
          delivery: delivery.id,
        },
      ],
    );
    if (claimed) console.log(claimed.id);
  }
}
process.stdin.destroy();
