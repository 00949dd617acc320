// Opens the store as a user who may not write there, and says what came of it. Modes do not bind
// root, so root becomes nobody first.
import { StoreError } from '../../../src/ports/store.ts';
import { openSqliteStore } from '../../../src/store/sqlite/sqlite-store.ts';

const { dataFolder } = JSON.parse(process.argv[2] ?? '');
if (process.getuid?.() === 0) process.setuid?.(65534);
try {
  await using store = await openSqliteStore({ file: `${dataFolder}/dripline.db`, mode: 'serve' });
  console.log((await store.putFact('a', 1, 0)) ? 'written' : 'refused');
} catch (error) {
  console.log(error instanceof StoreError ? `${error.kind}: ${error.message}` : String(error));
}
