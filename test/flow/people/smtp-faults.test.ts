import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { openMailTransport } from '../../../src/app/people/mail-transport.ts';
import type { MailConfig } from '../../../src/config/mail/schema-mail.ts';
import { hour, minute } from '../../../src/core/time.ts';
import { enter } from '../../../src/flow/people/enter.ts';
import { openTokens } from '../../../src/io/secrets/sealed-tokens.ts';
import { openMemoryStore } from '../../../src/store/memory-store.ts';
import {
  type Chaos,
  type Fault,
  openChaosServer,
  type Place,
  places,
} from '../../mail/chaos-server.ts';
import { openPeopleWorld, sequence, step } from './people-world.ts';

const server = await openChaosServer();
const folder = mkdtempSync(join(tmpdir(), 'dripline-smtp-faults-'));
const tokens = await openTokens(join(folder, 'token.key'));
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

const people = 3;
const two = () => sequence([step('hello'), step('guide', { waitFor: hour })], { clicks: 'off' });

const config = {
  host: '127.0.0.1',
  from: 'Shop <hello@shop.example>',
  postalAddress: 'Weg 1',
  user: 'u',
  password: 'p',
  tls: 'off',
  isImplicit: false,
  perSecond: 1000,
  perDay: 100_000,
  warmUp: false,
  whenUnknown: 'leave',
  bounces: { address: 'bounces@shop.example' },
  limitFor: 60_000,
  graceFor: 1,
} satisfies Omit<MailConfig, 'port'> & { limitFor: number; graceFor: number };

interface Ended {
  /** By dispatch: what the ledger says, and how many the server has taken. */
  [dispatch: string]: { state: string; copies: number };
}

/** Everybody's way through a server that is ill for a while, to the end. */
async function play(chaos: Chaos): Promise<Ended> {
  server.cut();
  Object.assign(server, { chaos, connections: 0 });
  server.stored.length = server.texts.length = server.commands.length = 0;
  await using store = openMemoryStore();
  // What hangs is given up; the rest has time, also where the machine has none.
  const hangs = /hang|trickle/.test(chaos.fault?.how ?? '');
  const mail = { ...config, port: server.port, ...(hangs && { limitFor: 1000 }) };
  await using transport = openMailTransport({ mail, doorUrl: 'https://go.example.com', tokens });
  const world = openPeopleWorld({ store, sequences: [two()], transport });
  for (let i = 0; i < people; i += 1) {
    const person = await world.add(`p-${i}`);
    await enter(world.context, { person, sequence: two(), by: 'operator' });
  }
  const isOver = async () =>
    (await store.people.listEnrolments({})).every(({ state }) => state === 'finished');
  for (let i = 0; i < 60 && !(await isOver()); i += 1) {
    await world.sweep();
    await world.sweep();
    world.clock.move(i < 4 ? minute : hour);
  }
  const all = await store.people.listDispatches({});
  return Object.fromEntries(
    all.map(({ id, state, intent }) => [
      id,
      { state, copies: server.stored.filter((one) => one === intent?.messageId).length },
    ]),
  );
}

/** Each step to each person, once; or it is said what is not known. */
function expectCounts(ended: Ended, allowed: { mayFail: boolean; mayBeUnsure: boolean }): void {
  expect(Object.keys(ended)).toHaveLength(2 * people);
  for (const [id, { state, copies }] of Object.entries(ended)) {
    const right: Record<string, number[]> = {
      sent: [1],
      ...(allowed.mayFail && { failed: [0] }),
      ...(allowed.mayBeUnsure && { uncertain: [0, 1] }),
    };
    expect(right[state] ?? [], `${id}: ${state}, ${copies} copies`).toContain(copies);
  }
}

const plain: Fault['how'][] = ['drop', 'reset', 'hang', 'trickle'];
const stored: Fault['how'][] = ['stored-drop', 'stored-reset', 'stored-hang'];
const faults = places.flatMap((at): Fault[] =>
  (at === 'dot' ? [...plain, ...stored] : plain).map((how) => ({ at, how })),
);
const answers = [
  '421 4.3.2 going away',
  '451 4.3.0 later',
  '550 5.1.1 no',
  '552 5.3.4 large',
  'what?',
];
const afterLast = (at: Place) => at === 'body' || at === 'dot';

describe.each([1, 2])('in mail %i of a connection', (inMail) => {
  test.each(faults)(
    '$how at $at: each step comes once, or is said to be uncertain',
    async (fault) => {
      for (const connections of /hang|trickle/.test(fault.how) ? [1] : [1, 3])
        expectCounts(await play({ fault, inMail, connections, offers: ['AUTH PLAIN'] }), {
          mayFail: false,
          mayBeUnsure: afterLast(fault.at),
        });
    },
  );

  test.each(
    places
      .filter((at) => at !== 'body')
      .flatMap((at) => answers.map((says) => [says, at] as const)),
  )('"%s" at %s: nothing is lost without a word', async (says, at) => {
    for (const connections of [1, 3])
      expectCounts(
        await play({ replies: { [at]: says }, inMail, connections, offers: ['AUTH PLAIN'] }),
        {
          mayFail: says.startsWith('5'),
          mayBeUnsure: at === 'dot',
        },
      );
  });
});
