import { expect, test } from 'vitest';
import { minute } from '../../../src/core/time.ts';
import type { Network } from '../../../src/core/network/network.ts';
import type { Misbehaviour } from '../../../src/sandbox/http/misbehaviour.ts';
import { defaultPeople, type SandboxAccount } from '../../../src/sandbox/open-sandbox.ts';
import { blueskyAgent, mastodonClient, xClient } from '../../sandbox/clients.ts';
import type { Served } from '../../../src/app.ts';
import {
  denseCadence,
  type MovableClock,
  openMovableClock,
  openWorld,
  quick,
  tuesday,
  until,
  type World,
} from '../world.ts';

const [xOwn, blueskyOwn, mastodonOwn] = defaultPeople;
const xAda = {
  ...xOwn,
  handle: 'ada',
  name: 'Ada',
  appKey: 'a',
  appSecret: 'b',
  accessToken: 'c',
  accessSecret: 'd',
};
const blueskyAda = { ...blueskyOwn, handle: 'ada.test', name: 'Ada' };
const blueskyBen = { ...blueskyOwn, handle: 'ben.test', name: 'Ben', mayChat: true };
const mastodonAda = {
  ...mastodonOwn,
  handle: 'ada',
  name: 'Ada :wave:',
  token: 'ada',
  isHuman: true as const,
};

const timing = { ...quick, repliesEvery: 200, measureEvery: 50 };

const files = {
  'posts/010-a.md': 'Answer GUIDE and you get it.',
  'posts/welcome/_sequence.yaml': 'start: { reply: GUIDE }\nby: message\n',
  'posts/welcome/010-hello.md':
    '---\nparams: { guide: "https://acme.example/guide" }\n---\n' +
    'Hello {{person.name | there}}, **here** is [the guide](https://acme.example/guide).',
  'posts/welcome/020-more.md': '---\nwait: 1h\n---\nAnd more.',
};

async function begin(people: SandboxAccount[] = []) {
  const clock = openMovableClock(tuesday);
  const own: SandboxAccount[] = [
    xOwn,
    { ...blueskyOwn, mayChat: true, chatFrom: 'all' },
    mastodonOwn,
  ];
  const all = [...own, xAda, blueskyAda, mastodonAda, ...people];
  const world = await openWorld({ clock, yaml: denseCadence, files, people: all });
  const served = await world.serve({ timing });
  await world.say('resume');
  return {
    ...toBegun(world, served),
    async [Symbol.asyncDispose]() {
      await served[Symbol.asyncDispose]();
      await world[Symbol.asyncDispose]();
    },
  };
}

function toBegun(world: World, served: Served) {
  const { store } = served.context;
  const posted = (network: Network, by: string) =>
    world.sandbox.accepted().filter((one) => one.network === network && one.account === by);
  const post = (network: Network) =>
    until(
      `the post is on ${network}`,
      () => posted(network, network === 'bluesky' ? 'dripline.test' : 'dripline')[0],
    );
  const dispatches = () => store.people.listDispatches({ medium: 'message' });
  const clock = world.clock as MovableClock;
  const isInDoubt = () => served.context.people?.isInDoubt?.() ?? false;
  return { ...world, clock, store, posted, post, dispatches, isInDoubt };
}

type Begun = Omit<ReturnType<typeof toBegun>, typeof Symbol.asyncDispose>;

/** Ada answers the post; the id of her answer. */
const answers: Record<Network, (world: Begun, text: string) => Promise<string>> = {
  async mastodon({ sandbox, post }, text) {
    const client = mastodonClient(sandbox.baseUrls.mastodon, mastodonAda);
    const inReplyToId = (await post('mastodon')).id;
    return (await client.v1.statuses.create({ status: `@dripline ${text}`, inReplyToId })).id;
  },
  async bluesky({ sandbox, post, store }, text) {
    const agent = await blueskyAgent(sandbox.baseUrls.bluesky, blueskyAda);
    const { id: uri } = await post('bluesky');
    const cid = await until(
      'its receipt',
      async () =>
        (await store.listDeliveries({ states: ['released'] }))
          .flatMap(({ receipts }) => receipts)
          .find(({ id }) => id === uri)?.cid,
    );
    const parent = { uri, cid };
    return (await agent.post({ text, reply: { root: parent, parent } })).uri;
  },
  async x({ sandbox, post }, text) {
    const { id } = await post('x');
    return (await xClient(sandbox.baseUrls.x, xAda).v2.reply(text, id)).data.id;
  },
};

const ownOf = (network: Network) => (network === 'bluesky' ? 'dripline.test' : 'dripline');
const repliesOf = (world: Begun, network: Network, to: string) =>
  world.posted(network, ownOf(network)).filter(({ inReplyTo }) => inReplyTo === to);

const said = 'Hello Ada, here is the guide https://acme.example/guide.';

test.each([
  ['mastodon', (host: string) => `@ada@${host} ${said}`],
  ['bluesky', () => said],
  ['x', () => `@ada ${said}`],
] as const)('who answers with the word on %s is answered there, once', async (network, textOf) => {
  await using world = await begin();
  const id = await answers[network](world, 'Guide, please!');
  const [answer] = await until('the answer', () => {
    const own = repliesOf(world, network, id);
    return own.length > 0 ? own : undefined;
  });
  await until('it is known', async () => (await world.dispatches())[0]?.state === 'sent');
  expect(answer?.text).toBe(textOf(new URL(world.sandbox.page).host));
  expect(
    (await world.dispatches()).map(({ state, receipt }) => [state, receipt?.serverId]),
  ).toEqual([['sent', answer?.id]]);
  if (network === 'mastodon') {
    const shown = await mastodonClient(world.sandbox.baseUrls.mastodon)
      .v1.statuses.$select(answer!.id)
      .fetch();
    expect(shown.visibility).toBe('direct');
  }
  // The next step: where each word is answered once, it waits for their next word.
  world.clock.move(61 * minute);
  if (network === 'x') {
    const waits = await until('it waits', async () => {
      const [one] = await world.store.people.listEnrolments({});
      return one?.heldBecause;
    });
    expect(waits).toMatch(/next word/);
    await answers.x(world, 'GUIDE again');
  }
  await until('the second step', async () =>
    (await world.dispatches()).some(({ step, state }) => step === 'more' && state === 'sent'),
  );
  const journal = JSON.stringify(await world.store.listJournal({}));
  expect(journal).not.toMatch(/here is the guide|Guide, please/);
});

test('who says stop gets nothing more, and a question is for a human', async () => {
  await using world = await begin();
  await answers.mastodon(world, 'guide');
  await until('the answer', async () => (await world.dispatches())[0]?.state === 'sent');
  await answers.mastodon(world, 'STOP');
  await until('the stop', async () => {
    const [one] = await world.store.people.listEnrolments({});
    return one?.state === 'stopped';
  });
  world.clock.move(61 * minute);
  await answers.bluesky(world, 'guide');
  await until('the other answer', async () =>
    (await world.dispatches()).some(({ intent }) => intent?.addressKey.startsWith('bluesky:')),
  );
  expect((await world.dispatches()).filter(({ step }) => step === 'more')).toEqual([]);
});

test('on Bluesky a message goes by chat to who takes it, and a word said there counts', async () => {
  await using world = await begin([
    { ...blueskyBen, follows: ['dripline.test'] },
    { ...blueskyBen, handle: 'eve.test', chatFrom: 'none' },
  ]);
  const { sandbox } = world;
  const own = { ...blueskyOwn, mayChat: true };
  const chatOf = async (who: typeof blueskyBen | typeof own) => {
    const agent = (await blueskyAgent(sandbox.baseUrls.bluesky, who)).withProxy(
      'bsky_chat',
      'did:web:api.bsky.chat',
    );
    return agent.chat.bsky.convo;
  };
  const textsOf = async (who: typeof blueskyBen) => {
    const convo = await chatOf(who);
    const { data } = await convo.listConvos();
    const [first] = data.convos;
    if (!first) return [];
    const all = (await convo.getMessages({ convoId: first.id })).data.messages;
    return all.map((one) => (one as { text: string }).text).toReversed();
  };
  // By post, from somebody who follows us.
  const { id: uri } = await world.post('bluesky');
  const cid = await until(
    'its receipt',
    async () =>
      (await world.store.listDeliveries({ states: ['released'] }))
        .flatMap(({ receipts }) => receipts)
        .find(({ id }) => id === uri)?.cid,
  );
  const parent = { uri, cid };
  const ben = await blueskyAgent(sandbox.baseUrls.bluesky, blueskyBen);
  const asked = await ben.post({ text: 'guide', reply: { root: parent, parent } });
  await until('the message', async () => (await textsOf(blueskyBen)).length > 0);
  expect(await textsOf(blueskyBen)).toEqual([said.replace('Ada', 'Ben')]);
  expect(repliesOf(world, 'bluesky', asked.uri)).toEqual([]);
  // By chat, from somebody who takes messages of nobody, and wrote first.
  const eve = { ...blueskyBen, handle: 'eve.test' };
  const convo = await chatOf(eve);
  const dripline = await blueskyAgent(sandbox.baseUrls.bluesky, own);
  const { data } = await convo.getConvoForMembers({ members: [dripline.did!] });
  const send = (text: string) =>
    convo.sendMessage(
      { convoId: data.convo.id, message: { text } },
      { encoding: 'application/json' },
    );
  await send('hello');
  await send('GUIDE');
  await until('the message', async () => (await textsOf(eve)).length > 2);
  expect((await textsOf(eve)).at(-1)).toBe(said.replace('Ada', 'Ben'));
  const all = await world.store.people.listPeople({ limit: 10 });
  const consents = await Promise.all(
    all.map(({ id: who }) => world.store.people.listConsents(who)),
  );
  expect(
    consents
      .flat()
      .map(({ way }) => way)
      .toSorted(),
  ).toEqual(['message', 'reply']);
  await send('stop');
  await until('the stop', async () =>
    (await world.store.people.listEnrolments({})).some(({ state }) => state === 'stopped'),
  );
});

const hows = [
  'reset-before',
  'reset-midway',
  'truncate',
  '503',
  'html-502-after-commit',
  'html-200-after-commit',
  'reset-after-commit',
] as const;

test.each(hows)('%s at the chat: never twice, and known', async (how) => {
  await using world = await begin([{ ...blueskyBen, follows: ['dripline.test'] }]);
  const { id: uri } = await world.post('bluesky');
  const cid = await until(
    'its receipt',
    async () =>
      (await world.store.listDeliveries({ states: ['released'] }))
        .flatMap(({ receipts }) => receipts)
        .find(({ id }) => id === uri)?.cid,
  );
  await world.say('pause');
  const parent = { uri, cid };
  const ben = await blueskyAgent(world.sandbox.baseUrls.bluesky, blueskyBen);
  await ben.post({ text: 'guide', reply: { root: parent, parent } });
  await until('it is planned', async () => (await world.dispatches())[0]?.state === 'planned');
  const route = /^POST \/xrpc\/chat\.bsky\.convo\.sendMessage/;
  world.sandbox.misbehave({ network: 'bluesky', route, how, times: 1 });
  await world.say('resume');
  await untilEnded(world);
  const convo = ben.withProxy('bsky_chat', 'did:web:api.bsky.chat').chat.bsky.convo;
  const [first] = (await convo.listConvos()).data.convos;
  const { messages } = (await convo.getMessages({ convoId: first?.id ?? '' })).data;
  expect([(await world.dispatches())[0]?.state, messages.length]).toEqual(['sent', 1]);
  expect(world.posted('bluesky', 'dripline.test')).toHaveLength(1);
});

async function untilEnded(world: Begun): Promise<void> {
  await until('it has an end', async () => {
    const [one] = await world.dispatches();
    if (one && ['sent', 'uncertain', 'failed'].includes(one.state)) return true;
    if (one?.attempts || one?.intent?.sendingAt) world.clock.move(20_000);
    return false;
  });
}

interface Fault {
  network: Network;
  route: RegExp;
  how: Misbehaviour;
  ends: [state: string, count: number];
}

const routes: Record<Network, RegExp> = {
  mastodon: /^POST \/api\/v1\/statuses$/,
  bluesky: /^POST \/xrpc\/com\.atproto\.repo\.putRecord/,
  x: /^POST \/2\/tweets$/,
};

const faults = hows.flatMap((how): Fault[] => [
  { network: 'mastodon', route: routes.mastodon, how, ends: ['sent', 1] },
  { network: 'bluesky', route: routes.bluesky, how, ends: ['sent', 1] },
  // X takes no key: what it does not show is not sent again.
  {
    network: 'x',
    route: routes.x,
    how,
    ends: /commit|truncate/.test(how) ? ['sent', 1] : ['uncertain', 0],
  },
]);

test.each(faults)(
  '$how at $network: never twice, and known',
  async ({ network, route, how, ends }) => {
    await using world = await begin();
    await world.post(network);
    await world.say('pause');
    const answered = await answers[network](world, 'GUIDE');
    await until('it is planned', async () => (await world.dispatches())[0]?.state === 'planned');
    world.sandbox.misbehave({ network, route, how, times: 1 });
    await world.say('resume');
    await untilEnded(world);
    const [one] = await world.dispatches();
    expect([one?.state, repliesOf(world, network, answered).length]).toEqual(ends);
  },
);

test.each(['mastodon', 'bluesky', 'x'] as const)(
  'a service that dies while it hands over to %s finds out afterwards what became of it',
  async (network) => {
    const clock = openMovableClock(tuesday);
    const people = [xOwn, blueskyOwn, mastodonOwn, xAda, blueskyAda, mastodonAda];
    await using world = await openWorld({ clock, yaml: denseCadence, files, people });
    const found = routes[network];
    let answered = '';
    {
      await using served = await world.serve({ timing });
      await world.say('resume');
      const begun = toBegun(world, served);
      await begun.post(network);
      await world.say('pause');
      answered = await answers[network](begun, 'GUIDE');
      await until('it is planned', async () => (await begun.dispatches())[0]?.state === 'planned');
      world.sandbox.misbehave({ network, route: found, how: 'hang-after-commit', times: 1 });
      await world.say('resume');
      await until('it is there', () => repliesOf(begun, network, answered).length === 1);
    }
    await using served = await world.serve({ timing });
    const begun = toBegun(world, served);
    await untilEnded(begun);
    const [one] = await begun.dispatches();
    expect([one?.state, repliesOf(begun, network, answered).length]).toEqual(['sent', 1]);
  },
);

test('nothing goes out on an account that is paused', async () => {
  await using world = await begin();
  await world.post('mastodon');
  await world.say('pause masto');
  const id = await answers.mastodon(world, 'guide');
  const waits = await until('it waits', async () => {
    const [one] = await world.dispatches();
    return one?.why.includes('paused') ? one : undefined;
  });
  expect(waits).toMatchObject({ state: 'planned', why: 'masto is paused', attempts: 0 });
  await world.say('resume masto');
  world.clock.move(6 * minute);
  await until('the answer', () => repliesOf(world, 'mastodon', id).length === 1);
});

test('a word that is said to us alone on Mastodon counts, and a mention for all does not', async () => {
  await using world = await begin();
  await world.post('mastodon');
  const client = mastodonClient(world.sandbox.baseUrls.mastodon, mastodonAda);
  await client.v1.statuses.create({ status: '@dripline has a guide', visibility: 'public' });
  const { id } = await client.v1.statuses.create({
    status: '@dripline guide please',
    visibility: 'direct',
  });
  await until('the answer', () => repliesOf(world, 'mastodon', id).length === 1);
  const [person, ...more] = await world.store.people.listPeople({ limit: 10 });
  expect(more).toEqual([]);
  expect(await world.store.people.listConsents(person!.id)).toMatchObject([{ way: 'message' }]);
});

test('a word that is said while its sequence cannot be read is heard when it can', async () => {
  await using world = await begin();
  await world.post('mastodon');
  const { people } = world.store;
  world.write({ 'posts/welcome/_sequence.yaml': 'start: [' });
  await until('it is broken', () => world.isInDoubt());
  const id = await answers.mastodon(world, 'guide');
  world.clock.move(5 * minute);
  await looksMore(world, 3);
  expect(await people.listPeople({ limit: 1 })).toEqual([]);
  world.clock.move(180 * minute);
  await looksMore(world, 2);
  world.write(files);
  await until('the answer', () => repliesOf(world, 'mastodon', id).length === 1);
});

/** So many more looks for answers on Mastodon. */
async function looksMore({ sandbox }: Begun, more: number): Promise<void> {
  const count = () =>
    sandbox.requests().find(({ route }) => route === 'GET /api/v1/notifications')?.count ?? 0;
  const before = count();
  await until('it was looked for', () => count() >= before + more);
}
