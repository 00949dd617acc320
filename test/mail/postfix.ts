import { execFile, execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findFreePort } from '../peers/free-port.ts';

const run = promisify(execFile);
const usualServices = '/usr/share/postfix/master.cf.dist';

/** Whether a Postfix of its own can be started here: that takes root. */
export function postfixHere(): 'there' | 'not root' | undefined {
  try {
    readFileSync(usualServices);
    execFileSync('postconf', ['-d', 'mail_version'], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  return process.getuid?.() === 0 ? 'there' : 'not root';
}

export interface Postfix extends AsyncDisposable {
  port: number;
  /** What lies in a mailbox: `ann`, `bounces`, or `people` for all of people.example. */
  mails(box: string): Promise<string[]>;
  /** The Maildir of a mailbox, and whose files are in it. */
  maildir(box: string): { box: string; uid: number; gid: number };
}

const nobody = 65_534;

const settings = (folder: string, refusing: number) => `
compatibility_level = 3.6
queue_directory = ${folder}/queue
data_directory = ${folder}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
myhostname = mail.test
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
recipient_delimiter = +
message_size_limit = 50000
virtual_mailbox_domains = example.net, example.com, people.example
virtual_mailbox_base = ${folder}/mail
virtual_mailbox_maps = inline:{ { ann@example.net = ann/ }, { late@example.net = late/ },
  { bounces@example.com = bounces/ }, { @people.example = people/ } }
virtual_uid_maps = static:${nobody}
virtual_gid_maps = static:${nobody}
transport_maps = inline:{ { late@example.net = smtp:[127.0.0.1]:${refusing} } }
maillog_file = ${folder}/log
maillog_file_prefixes = ${folder}
`;

/**
 * A Postfix in a folder of its own, with two mailboxes. What is for `late@` it takes, and hands on
 * to the server on the other port.
 */
export async function openPostfix(next: number): Promise<Postfix> {
  const folder = mkdtempSync(join(tmpdir(), 'dripline-postfix-'));
  chmodSync(folder, 0o755);
  for (const name of ['etc', 'queue', 'data', 'mail']) mkdirSync(join(folder, name));
  const { stdout } = await run('id', ['-u', 'postfix']);
  chownSync(join(folder, 'data'), Number(stdout), 0);
  chownSync(join(folder, 'mail'), nobody, nobody);
  const port = await findFreePort();
  const services = readFileSync(usualServices, 'utf8')
    .replace(/^smtp +inet .*/m, `127.0.0.1:${port} inet n - n - - smtpd`)
    .replaceAll(/^(\S+\s+(?:unix|inet)\s+\S+\s+\S+\s+)y\s/gm, '$1n ');
  writeFileSync(join(folder, 'etc/master.cf'), services);
  writeFileSync(join(folder, 'etc/main.cf'), settings(folder, next));
  writeFileSync(join(folder, 'etc/dynamicmaps.cf'), '');
  const control = (verb: string) => run('postfix', ['-c', join(folder, 'etc'), verb]);
  await control('start');
  return {
    port,
    async mails(box) {
      const place = join(folder, 'mail', box, 'new');
      const names = await readdir(place).catch(() => []);
      return Promise.all(names.map((name) => readFile(join(place, name), 'utf8')));
    },
    maildir: (box) => ({ box: join(folder, 'mail', box), uid: nobody, gid: nobody }),
    async [Symbol.asyncDispose]() {
      await control('stop');
      await rm(folder, { recursive: true, force: true });
    },
  };
}
