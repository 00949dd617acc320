import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import { openMailTransport } from '../../src/app/people/mail-transport.ts';
import { defaultPeople } from '../../src/core/people/people-settings.ts';
import { keyOfAddress } from '../../src/core/people/person.ts';
import type { Sequence } from '../../src/core/people/sequence.ts';
import { weekdays } from '../../src/core/time.ts';
import { enter } from '../../src/flow/people/enter.ts';
import type { PeopleContext } from '../../src/flow/people/people-context.ts';
import { openPeopleRounds } from '../../src/flow/people/people-rounds.ts';
import { openTokens } from '../../src/io/secrets/sealed-tokens.ts';
import { openMailer } from '../../src/mail/open-mailer.ts';
import { type RenderedMail, renderMail } from '../../src/mail/rendering/render-mail.ts';
import { openStore } from '../../src/store/open-store.ts';
import { percentile, type Row } from '../row.ts';

export const name = 'mails';

/** Of one round; there are as many people. */
const mails = 400;
const rounds = 5;
const more = '[more](https://shop.example/more)';
const paragraph = `A calm letter says one thing, **in plain words**, and links to ${more}. `;
const text = `Hello {{person.name | there}},\n\n${`${paragraph.repeat(5)}\n\n`.repeat(6)}`;
const from = 'Shop <hello@shop.example>';

const sequence: Sequence = {
  id: 'welcome',
  title: 'Welcome',
  file: 'posts/welcome/_sequence.yaml',
  hash: '1',
  start: [],
  again: 'never',
  holdout: 0,
  timing: { windows: [{ from: 0, to: 1440 }], days: weekdays },
  by: ['mail'],
  clicks: 'counted',
  steps: [
    {
      id: 'hello',
      file: 'posts/welcome/010-hello.md',
      hash: '1',
      subject: 'Hello {{person.name | there}}',
      waitFor: 0,
      text,
      params: {},
    },
  ],
};

/** A person enters a sequence once: each round has its own. */
const all = Array.from({ length: rounds + 1 }, (_, i) => ({ ...sequence, id: `welcome-${i}` }));

/**
 * How many mails go out in a second, with the whole ledger on a disk, beside what the mail library
 * does alone with the same mails, over one connection to the same server.
 */
export async function run(): Promise<Row[]> {
  const sink = spawn(process.execPath, [join(import.meta.dirname, '../mail-sink.ts')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [printed] = (await once(sink.stdout, 'data')) as [Buffer];
  const port = Number(printed);
  const folder = mkdtempSync(join(tmpdir(), 'dripline-mails-'));
  await using ours = await openOurs(folder, port);
  await using theirs = openTheirs(port);
  const rates: [ours: number, handed: number, theirs: number][] = [];
  let memory = 0;
  for (let round = 0; round <= rounds; round += 1) {
    const one: (typeof rates)[number] = [
      await ours.round(round),
      await handOver(port, round),
      await theirs.round(),
    ];
    // The first one warms up.
    if (round > 0) rates.push(one);
    if (round === 1) memory = heapNow();
  }
  const grown = heapNow() - memory;
  sink.stdin.end();
  rmSync(folder, { recursive: true });
  const middle = (values: number[]) => percentile(values, 0.5);
  const rate = (which: 0 | 1 | 2) => String(Math.round(middle(rates.map((one) => one[which]))));
  const share = (which: 0 | 1) => middle(rates.map((one) => one[which] / one[2])).toFixed(2);
  return [
    { what: 'nodemailer alone', value: rate(2), note: 'mails a second, one pooled connection' },
    {
      what: 'frozen mails handed over, without the ledger',
      value: rate(1),
      note: `${share(1)} of nodemailer alone in the same run; wanted: at least 0.8`,
    },
    {
      what: 'the whole way, SQLite',
      value: rate(0),
      note: `${share(0)} of nodemailer alone: decided, frozen, sent, settled; seven durable writes`,
    },
    {
      what: `heap after ${(rounds - 1) * mails} more mails`,
      value: `${(grown / 2 ** 20).toFixed(1)} MiB more`,
      note: `${(memory / 2 ** 20).toFixed(0)} MiB before`,
    },
  ];
}

function heapNow(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

const secondsFor = async (work: () => Promise<void>) => {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
};

async function openOurs(folder: string, port: number) {
  const store = await openStore({ dataFolder: folder, mode: 'serve' });
  const tokens = await openTokens(join(folder, 'token.key'));
  const mail = {
    ...({ host: '127.0.0.1', port, tls: 'off', isImplicit: false, from } as const),
    ...({ postalAddress: 'Weg 1, Ort', perSecond: 1e6, perDay: 1e9, warmUp: false } as const),
    ...({ whenUnknown: 'leave', bounces: { address: 'bounces@shop.example' } } as const),
  };
  const transport = openMailTransport({ mail, doorUrl: 'https://go.example.com', tokens });
  const context: PeopleContext = {
    store,
    clock: { now: Date.now, monotonic: () => performance.now() },
    alarms: { set: async () => undefined },
    settings: { zone: 'UTC', people: { ...defaultPeople, perWeek: 1e6 } },
    sequences: new Map(all.map((one) => [one.id, one])),
    transports: new Map([['mail', transport]]),
    coupons: undefined,
    hashOf: (key) => key,
    claimFor: 60_000,
    worker: 'bench',
    log: { warn: console.error },
  };
  const turns = openPeopleRounds(context, { signal: new AbortController().signal, isAlone: true });
  for (let i = 0; i < mails; i += 1) await addPerson(context, i);
  const sent = async () =>
    (await store.people.countDispatches()).reduce(
      (sum, one) => sum + (one.state === 'sent' ? one.count : 0),
      0,
    );
  return {
    async round(round: number) {
      const own = all[round] ?? sequence;
      for (let i = 0; i < mails; i += 1) {
        const person = { id: `p-${i}`, status: 'new' } as const;
        await enter(context, { person, sequence: own, by: 'operator' });
      }
      const seconds = await secondsFor(async () => {
        while ((await sent()) < (round + 1) * mails) {
          await turns.ring({ id: 'enrolments' });
          await turns.ring({ id: 'mail' });
        }
      });
      return mails / seconds;
    },
    async [Symbol.asyncDispose]() {
      await transport[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
    },
  };
}

async function addPerson({ store: { people } }: PeopleContext, i: number): Promise<void> {
  const [id, at] = [`p-${i}`, Date.now()];
  const address = { medium: 'mail', value: `p${i}@people.example` } as const;
  await people.addPerson({
    id,
    status: 'new',
    createdAt: at,
    addresses: [address],
    fields: { name: `N${i}` },
    score: 0,
    scoredAt: at,
    revision: 1,
  });
  const addressKey = keyOfAddress(address);
  const consent = { id: `c-${id}`, person: id, medium: 'mail', addressKey, purpose: '*' } as const;
  await people.addConsents([{ ...consent, way: 'form', at, words: 'Yes', confirmedAt: at }]);
}

async function render(address: string, messageId: string): Promise<RenderedMail> {
  const [step] = sequence.steps;
  if (!step) throw new Error('there is no step');
  const rendered = await renderMail({
    step,
    sequence,
    person: { address, fields: { name: 'N1' } },
    sender: { from, postalAddress: 'Weg 1, Ort' },
    envelope: { envelopeFrom: 'b@shop.example', messageId },
    at: Date.now(),
    reason: 'You asked for it.',
    urls: { unsubscribe: 'https://go.example.com/u/token' },
  });
  if ('problems' in rendered) throw new Error('it cannot be rendered');
  return rendered;
}

/** Frozen bytes alone, as they are kept. */
async function handOver(port: number, round: number): Promise<number> {
  await using mailer = openMailer({ host: '127.0.0.1', port, tls: 'off' });
  const call = { signal: new AbortController().signal, mayOpen: () => undefined };
  const frozen: RenderedMail['mail'][] = [];
  for (let i = 0; i < mails; i += 1)
    frozen.push((await render(`p${i}@people.example`, `<${round}-${i}@shop.example>`)).mail);
  const seconds = await secondsFor(async () => {
    for (const mail of frozen) {
      const { is } = await mailer.send(mail, call);
      if (is !== 'sent') throw new Error(`a mail is ${is}`);
    }
  });
  return mails / seconds;
}

function openTheirs(port: number) {
  const library = createTransport({
    host: '127.0.0.1',
    port,
    ignoreTLS: true,
    pool: true,
    maxConnections: 1,
    maxMessages: Infinity,
  });
  const sendOne = async (i: number, html: string, plain: string) =>
    library.sendMail({
      from,
      to: `p${i}@people.example`,
      subject: `Hello N${i}`,
      html,
      text: plain,
    });
  return {
    async round() {
      const { html, text: plain } = await render('p1@people.example', '<1@shop.example>');
      const seconds = await secondsFor(async () => {
        await Promise.all(Array.from({ length: mails }, (_, i) => sendOne(i, html, plain)));
      });
      return mails / seconds;
    },
    async [Symbol.asyncDispose]() {
      library.close();
    },
  };
}
