// The sandbox as a process of its own: node test/sandbox/server.ts FILE [PAGE X BLUESKY MASTODON [SCALE]].
// Ports default to any that are free; SCALE multiplies the networks' rate limits.
import { pickDefined } from '../../src/core/pick-defined.ts';
import { openSandbox } from '../../src/sandbox/open-sandbox.ts';

const [file, ...rest] = process.argv.slice(2);
if (!file) throw new Error('usage: server.ts FILE [PAGE X BLUESKY MASTODON [SCALE]]');
const [page = 0, x = 0, bluesky = 0, mastodon = 0, limitScale] = rest.map(Number);
const sandbox = await openSandbox({
  file,
  ports: { page, x, bluesky, mastodon },
  ...pickDefined({ limitScale }),
  clock: { now: Date.now, monotonic: () => performance.now() },
});
process.on('SIGTERM', () => void sandbox.close());
console.log(JSON.stringify({ page: sandbox.page, ...sandbox.baseUrls }));
