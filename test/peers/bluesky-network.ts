import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AtpAgent } from '@atproto/api';
import { findFreePort } from './free-port.ts';
import type { Person } from './pds.ts';
import { openPostgres } from './postgres.ts';

export const howToGetBlueskyNetwork =
  'PostgreSQL is not installed, and the view of the Bluesky network needs it: run .ci/install-peers, or apt-get install postgresql';

export interface BlueskyNetwork extends AsyncDisposable {
  /** The PDS: `http://localhost:PORT`. */
  url: string;
  createAccount(name: string): Promise<Person>;
}

/**
 * A PDS and the view of the network that Bluesky's apps read (likes, reposts, replies,
 * notifications), which follows the PDS and lags behind a little. The servers of the real network,
 * less its moderation, in this process. Undefined where PostgreSQL is not installed.
 */
export async function openBlueskyNetwork(): Promise<BlueskyNetwork | undefined> {
  const postgres = await openPostgres();
  if (!postgres) return undefined;
  // What has been opened is closed again also where something after it does not open.
  await using opened = new AsyncDisposableStack();
  opened.use(postgres);
  const { mockNetworkUtilities, TestBsky, TestBsync, TestPds, TestPlc } =
    await import('@atproto/dev-env');
  const folder = opened.adopt(await mkdtemp(join(tmpdir(), 'dripline-bluesky-')), (path) =>
    rm(path, { recursive: true, force: true }),
  );
  const plc = opened.adopt(await TestPlc.create({}), (server) => server.close());
  const port = await findFreePort();
  const key = randomBytes(16).toString('hex');
  const sync = opened.adopt(
    await TestBsync.create({ dbUrl: postgres.uri, dbSchema: 'sync', apiKeys: [key] }),
    ({ service }) => service.destroy(),
  );
  const view = await TestBsky.create({
    dbPostgresUrl: postgres.uri,
    dbPostgresSchema: 'view',
    plcUrl: plc.url,
    pdsPort: port,
    repoProvider: `ws://localhost:${port}`,
    bsyncUrl: sync.url,
    bsyncApiKey: key,
  } as Parameters<typeof TestBsky.create>[0]);
  // It follows the PDS, and has to let go of it first.
  const pds = await TestPds.create({
    port,
    dataDirectory: folder,
    blobstoreDiskLocation: join(folder, 'blobs'),
    didPlcUrl: plc.url,
    bskyAppViewUrl: view.url,
    bskyAppViewDid: view.serverDid,
  });
  opened.use(pds);
  opened.use(view);
  mockNetworkUtilities(pds, view);
  const closing = opened.move();
  return {
    url: pds.url,
    async createAccount(name) {
      const agent = new AtpAgent({ service: pds.url });
      const password = randomBytes(8).toString('hex');
      const { data } = await agent.createAccount({
        handle: `${name}.test`,
        email: `${name}@example.com`,
        password,
      });
      return { agent, did: data.did, handle: data.handle, password };
    },
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}
