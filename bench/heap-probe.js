// Imported into a service whose memory is measured: answers each message with what is in use after
// a collection that is forced, in bytes. JavaScript: what strips the types of a TypeScript file
// would be loaded into the service for it, with ten megabytes of its own.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');

process.on('message', () => {
  collect();
  const { heapUsed: heap, external } = process.memoryUsage();
  process.send?.({ heap, external });
});
process.channel?.unref();
