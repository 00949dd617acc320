import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AtpAgent } from '@atproto/api';
import { Secp256k1Keypair } from '@atproto/crypto';
import { findFreePort } from './free-port.ts';

export interface Person {
  /** Logged in. */
  agent: AtpAgent;
  did: string;
  handle: string;
  password: string;
}

export interface Pds extends AsyncDisposable {
  /** `http://localhost:PORT`. */
  url: string;
  createAccount(name?: string): Promise<Person>;
  /** As if the account's owner had followed the link in the mail. */
  confirmEmail(person: Person): Promise<void>;
}

/**
 * A real Bluesky server with a directory of identities in memory, in this process. It has no view
 * of the network: no like counts, no notifications.
 */
export async function openPds(options: { rateLimits?: boolean } = {}): Promise<Pds> {
  // The servers are heavy to load, so only the tests that open one do.
  const [{ Database, PlcServer }, { PDS }] = await Promise.all([
    import('@did-plc/server'),
    import('@atproto/pds'),
  ]);
  const folder = await mkdtemp(join(tmpdir(), 'dripline-pds-'));
  const [plcPort, port] = [await findFreePort(), await findFreePort()];
  const plc = PlcServer.create({ db: Database.mock(), port: plcPort });
  await plc.start();
  const secret = () => randomBytes(32).toString('hex');
  const recovery = await Secp256k1Keypair.create();
  const pds = await PDS.fromEnv({
    devMode: true,
    port,
    hostname: 'localhost',
    dataDirectory: folder,
    blobstoreDiskLocation: join(folder, 'blobs'),
    recoveryDidKey: recovery.did(),
    adminPassword: secret(),
    jwtSecret: secret(),
    serviceHandleDomains: ['.test'],
    didPlcUrl: `http://localhost:${plcPort}`,
    bskyAppViewUrl: 'http://127.0.0.1:1',
    bskyAppViewDid: 'did:example:invalid',
    modServiceUrl: 'http://127.0.0.1:1',
    modServiceDid: 'did:example:invalid',
    plcRotationKeyK256PrivateKeyHex: secret(),
    inviteRequired: false,
    disableSsrfProtection: true,
    rateLimitsEnabled: options.rateLimits ?? false,
    logEnabled: false,
  } as Parameters<typeof PDS.fromEnv>[0]);
  await pds.start();
  const url = `http://localhost:${port}`;
  return {
    url,
    async createAccount(name = `u${randomBytes(4).toString('hex')}`) {
      const agent = new AtpAgent({ service: url });
      const password = secret().slice(0, 16);
      const { data } = await agent.createAccount({
        handle: `${name}.test`,
        email: `${name}@example.com`,
        password,
      });
      return { agent, did: data.did, handle: data.handle, password };
    },
    async confirmEmail({ agent, did }) {
      const token = await pds.ctx.accountManager.createEmailToken(
        did as `did:${string}:${string}`,
        'confirm_email',
      );
      const { data } = await agent.com.atproto.server.getSession();
      await agent.com.atproto.server.confirmEmail({ token, email: data.email ?? '' });
    },
    async [Symbol.asyncDispose]() {
      await pds.destroy();
      await plc.destroy();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
