// Imported into a service whose memory is measured: answers each message with what is in use after
// a collection that is forced.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

export interface HeapInUse {
  /** Bytes. */
  heap: number;
  external: number;
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

process.on('message', () => {
  collect();
  const { heapUsed: heap, external } = process.memoryUsage();
  process.send?.({ heap, external } satisfies HeapInUse);
});
process.channel?.unref();
