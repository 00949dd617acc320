// Changes one delivery with an entry, again and again, and says each revision that was answered.
// Somebody else ends it.
import { openStore } from '../../../src/store/open-store.ts';
import { alter } from '../kit.ts';

await using store = await openStore({ ...JSON.parse(process.argv[2] ?? ''), mode: 'beside' });
const id = process.argv[3] ?? '';
let delivery = await store.findDelivery(id);
while (delivery) {
  const revision = delivery.revision + 1;
  delivery = await store.changeDelivery(
    delivery,
    alter(delivery, { why: `revision ${revision}` }),
    [{ id: `${id} ${revision}`, at: Date.now(), type: 'moved', by: 'dripline', delivery: id }],
  );
  console.log(revision);
}
