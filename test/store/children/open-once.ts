// Opens the store as `serve` does, writes one fact of its own and leaves.
import { openStore } from '../../../src/store/open-store.ts';

await using store = await openStore({ ...JSON.parse(process.argv[2] ?? ''), mode: 'serve' });
if (!(await store.putFact(`started ${process.pid}`, process.pid, 0)))
  throw new Error('the fact was there already');
console.log('opened');
