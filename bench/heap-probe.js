// Imported into a service whose memory is measured: answers each message with what is in use after
// a collection that is forced, in bytes and counts. JavaScript: what strips the types of a
// TypeScript file would be loaded into the service for it, with ten megabytes of its own.
import { readdirSync } from 'node:fs';
import { getHeapCodeStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');

/** Where the system tells. */
function countFiles() {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return 0;
  }
}

export function readInUse() {
  collect();
  const { heapUsed: heap, external, rss: resident } = process.memoryUsage();
  const { code_and_metadata_size: compiled, bytecode_and_metadata_size: bytecode } =
    getHeapCodeStatistics();
  const code = compiled + bytecode;
  const timers = process.getActiveResourcesInfo().filter((one) => one === 'Timeout').length;
  return { heap, code, external, resident, files: countFiles(), timers };
}

process.on('message', () => process.send?.(readInUse()));
process.channel?.unref();
