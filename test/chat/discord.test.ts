import { expect, test } from 'vitest';
import { rareCadence, stateOf, untilState } from '../commands/kit.ts';
import { openWorld, until, type World } from '../flow/world.ts';
import {
  application,
  type DiscordMessage,
  type FakeDiscord,
  openFakeDiscord,
} from './fake-discord.ts';
import { holdPublishing, makeUncertain } from './kit.ts';

const me = '222222222222222222';
const other = '222222222222222223';
const room = '999999999999999999';
const discordYaml = ({ apiUrl }: FakeDiscord) =>
  `${rareCadence}\nchat: { discord: { token: fake-token-of-discord, application: "${application}", allow: ["${me}", "${other}"], channel: "${room}", apiUrl: "${apiUrl}" } }`;

const connected = (discord: FakeDiscord) => until('the gateway', () => discord.ready.length);
const answersOf = ({ messages }: FakeDiscord) =>
  messages.filter(({ to }) => to === 'answer' || to === 'again');

async function answering(
  discord: FakeDiscord,
  what: string,
  deed: () => unknown,
): Promise<DiscordMessage> {
  const before = answersOf(discord).length;
  deed();
  return until(`an answer to ${what}`, () => answersOf(discord)[before]);
}

const saying = (discord: FakeDiscord, line: string, from = me) =>
  answering(discord, line, () => discord.say(from, line));
const pressing = (discord: FakeDiscord, message: DiscordMessage, label: string, from = me) =>
  answering(discord, label, () => press(discord, message, label, from));

function press(discord: FakeDiscord, message: DiscordMessage, label: string, from = me) {
  const button = message.buttons.find((one) => one.label === label);
  if (!button)
    throw new Error(`no button ${label} among ${message.buttons.map((one) => one.label).join()}`);
  return discord.press(from, message, button);
}

const said = async (world: World) =>
  (await world.say('journal'))
    .filter(({ by }: { by: string }) => by.startsWith('discord:'))
    .map(({ type, by }: { type: string; by: string }) => `${type} ${by}`);

test('on Discord each verb is a part of /drip, skip and undo go by buttons, and nobody is rung by what a text says', async () => {
  await using discord = await openFakeDiscord();
  await using world = await openWorld({
    yaml: discordYaml(discord),
    files: { 'posts/a.md': '---\nnetworks: [x]\n---\n@everyone hello' },
  });
  await using _served = await world.serve();
  await connected(discord);
  await world.say('resume');
  await untilState(world, 'a@x', 'planned');
  expect((await saying(discord, 'pause 2h')).content).toMatch(
    /^everything is paused until .* \(Europe\/Berlin\)\./,
  );
  await saying(discord, 'resume');
  expect((await saying(discord, 'queue --account x')).content).toMatch(/^```.*a@x/s);
  const shown = await saying(discord, 'show a');
  expect(shown.body['allowed_mentions']).toEqual({ parse: [] });
  const skipped = await pressing(discord, shown, 'Skip');
  expect(skipped.content).toContain('a@x moved to the end of the queue');
  expect(discord.messages.find(({ to }) => to === 'edit')?.buttons).toEqual([]);
  expect((await pressing(discord, skipped, 'Undo')).content).toMatch(/^Taken back/);
  expect(await said(world)).toEqual([
    `paused discord:${me}`,
    `resumed discord:${me}`,
    `skipped discord:${me}`,
    `undone discord:${me}`,
  ]);
  const menu = discord.calls.find(
    ({ what }) => what === `PUT /applications/${application}/commands`,
  )?.body as unknown as { options: { name: string }[] }[];
  expect(menu[0]?.options.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['pause', 'queue', 'skip', 'undo', 'approve', 'settle', 'help']),
  );
});

test('on Discord a stranger meets silence, a button that is pressed twice and a word that comes in twice act once', async () => {
  await using discord = await openFakeDiscord();
  await using world = await openWorld({
    yaml: discordYaml(discord),
    files: { 'posts/a.md': '---\napproval: required\nnetworks: [x]\n---\nA', 'posts/b.md': 'B' },
  });
  await using _served = await world.serve();
  await connected(discord);
  await world.say('resume');
  const shown = await saying(discord, 'show a');
  const before = discord.outgoing();
  discord.say('666666666666666666', 'pause');
  press(discord, shown, 'Approve', '666666666666666666');
  // Whoever is allowed and speaks after them is answered: they have been passed over.
  await saying(discord, 'status');
  expect(discord.outgoing()).toBe(before + 2);
  expect((await pressing(discord, shown, 'Approve')).content).toBe('a@x approved.');
  expect((await pressing(discord, shown, 'Approve', other)).content).toBe(
    'Done already: a@x was approved.',
  );
  const word = discord.say(me, 'skip b@x --for-good');
  await untilState(world, 'b@x', 'skipped');
  await saying(discord, 'undo');
  await untilState(world, 'b@x', 'planned');
  await answering(discord, 'the same again', () => discord.repeat(word));
  expect(await said(world)).toEqual([
    `approved discord:${me}`,
    `skipped discord:${me}`,
    `undone discord:${me}`,
  ]);
  expect(await stateOf(world, 'b@x')).toBe('planned');
});

test('on Discord an uncertain release is told in the channel and settled there, by its address or as not released', async () => {
  await using discord = await openFakeDiscord();
  await using world = await openWorld({
    yaml: discordYaml(discord),
    files: {
      'posts/a.md': '---\nnetworks: [x]\n---\nA',
      'posts/b.md': '---\nnetworks: [x]\n---\nB',
    },
  });
  await using served = await world.serve();
  await connected(discord);
  await makeUncertain(served, 'a@x');
  const notice = (id: string) =>
    until(`the notice of ${id}`, () =>
      discord.messages.find(
        ({ to, content }) => to === room && content.includes(`${id} is uncertain`),
      ),
    );
  press(discord, await notice('a@x'), 'Published');
  const asked = await until('the question', () =>
    discord.calls.find(({ what, body }) => what.endsWith('/callback') && body['type'] === 9),
  );
  const { custom_id } = asked.body['data'] as { custom_id: string };
  expect(
    (
      await answering(discord, 'the address', () =>
        discord.submit(me, custom_id, 'https://x.com/dripline/status/5'),
      )
    ).content,
  ).toBe('a@x is published.');
  await makeUncertain(served, 'b@x');
  expect((await pressing(discord, await notice('b@x'), 'Not published')).content).toBe(
    'b@x is queued again.',
  );
});

test('when the connection to Discord breaks it is made again, and words are heard as before', async () => {
  await using discord = await openFakeDiscord();
  await using world = await openWorld({ yaml: discordYaml(discord), files: { 'posts/a.md': 'A' } });
  await using _served = await world.serve();
  await connected(discord);
  await saying(discord, 'status');
  discord.cutAll();
  await until('another connection', () => discord.ready.length === 2);
  expect((await saying(discord, 'pause')).content).toContain('everything is paused');
});

test('on Discord the question for an address opens while another word is in hand', async () => {
  await using discord = await openFakeDiscord();
  await using world = await openWorld({
    yaml: discordYaml(discord),
    files: {
      'posts/a.md': '---\nnetworks: [x]\n---\nA',
      'posts/b.md': '---\nnetworks: [mastodon]\n---\nB',
    },
  });
  await using served = await world.serve();
  await connected(discord);
  await world.say('resume');
  const slow = holdPublishing(served, 'masto');
  await makeUncertain(served, 'a@x');
  const notice = await until('the notice', () =>
    discord.messages.find(({ content }) => content.includes('a@x is uncertain')),
  );
  discord.say(me, 'now b@masto --yes');
  await slow.begun;
  press(discord, notice, 'Published');
  await until('the question', () =>
    discord.calls.find(({ what, body }) => what.endsWith('/callback') && body['type'] === 9),
  );
  expect(answersOf(discord)).toEqual([]);
  slow.release();
  await until('the first word is answered', () => answersOf(discord).length);
  expect(await stateOf(world, 'a@x')).toBe('uncertain');
});
