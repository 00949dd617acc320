import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort } from '../peers/free-port.ts';
import { peerOrSkip } from '../peers/peer-or-skip.ts';
import { until } from '../flow/world.ts';

const isThere = process.getuid?.() === 0 && spawnSync('dovecot', ['--version']).status === 0;

export const dovecotOrSkip = () =>
  peerOrSkip(
    isThere ? openDovecot : undefined,
    'Dovecot is missing: apt-get install dovecot-imapd, and run as root',
  );

export interface Dovecot extends AsyncDisposable {
  port: number;
  user: string;
  password: string;
  /** Puts a raw mail into the mailbox. */
  deliver(raw: string): void;
}

/** The numbers of a user of this machine. */
function idsOf(name: string): [uid: number, gid: number] {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((one) => one.startsWith(`${name}:`));
  const [, , uid = '', gid = ''] = (line ?? '').split(':');
  return [Number(uid), Number(gid)];
}

interface Maildir {
  box: string;
  uid: number;
  gid: number;
}

/** Of a Maildir of its own, or of the one that another server delivers into. */
async function openDovecot(shared?: Maildir): Promise<Dovecot> {
  const folder = mkdtempSync(join(tmpdir(), 'dripline-dovecot-'));
  chmodSync(folder, 0o755);
  const [ownUid, ownGid] = idsOf('mail');
  const { box, uid, gid } = shared ?? { box: join(folder, 'box'), uid: ownUid, gid: ownGid };
  for (const name of ['', 'new', 'cur', 'tmp']) {
    mkdirSync(join(box, name), { recursive: true });
    chownSync(join(box, name), uid, gid);
  }
  let count = 0;
  const port = await findFreePort();
  const file = join(folder, 'dovecot.conf');
  writeFileSync(
    file,
    `base_dir = ${folder}/run
state_dir = ${folder}/run
log_path = ${folder}/log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
first_valid_uid = 1
mail_location = maildir:${box}
passdb {
  driver = static
  args = password=secret
}
userdb {
  driver = static
  args = uid=${uid} gid=${gid} home=${box}
}
service imap-login {
  inet_listener imap {
    port = ${port}
  }
  inet_listener imaps {
    port = 0
  }
}
`,
  );
  const child = spawn('dovecot', ['-F', '-c', file], { stdio: 'ignore' });
  await until('Dovecot listens', () => answers(port));
  return {
    port,
    user: 'shop',
    password: 'secret',
    deliver(raw) {
      count += 1;
      const name = `${1_700_000_000 + count}.M${count}.here`;
      writeFileSync(join(box, 'tmp', name), raw.replaceAll(/\r?\n/g, '\r\n'));
      chownSync(join(box, 'tmp', name), uid, gid);
      spawnSync('mv', [join(box, 'tmp', name), join(box, 'new', name)]);
    },
    async [Symbol.asyncDispose]() {
      await end(child);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('data', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await gone;
}
