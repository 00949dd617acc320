import { expect, test } from 'vitest';
import { rareCadence, stateOf, untilState } from '../commands/kit.ts';
import { openWorld, until, type World } from '../flow/world.ts';
import { type FakeSlack, openFakeSlack, type SlackMessage } from './fake-slack.ts';
import { holdPublishing, makeUncertain } from './kit.ts';

const me = 'U0ME';
const slackYaml = ({ apiUrl }: FakeSlack) =>
  `${rareCadence}\nchat: { slack: { appToken: xapp-fake, botToken: xoxb-fake, allow: [${me}, U0OTHER], channel: C0OPS, apiUrl: "${apiUrl}" } }`;

const connected = (slack: FakeSlack) => until('the socket', () => slack.sockets.length);
const answersOf = (slack: FakeSlack) =>
  slack.messages.filter(
    ({ channel, body }) => channel === 'answer' && body['replace_original'] !== true,
  );

async function answering(
  slack: FakeSlack,
  what: string,
  deed: () => unknown,
): Promise<SlackMessage> {
  const before = answersOf(slack).length;
  deed();
  return until(`an answer to ${what}`, () => answersOf(slack)[before]);
}

const saying = (slack: FakeSlack, text: string, user = me) =>
  answering(slack, text, () => slack.say(user, text));

async function pressing(
  slack: FakeSlack,
  message: SlackMessage,
  label: string,
  user = me,
): Promise<SlackMessage> {
  return answering(slack, label, () => press(slack, message, label, user));
}

function press(slack: FakeSlack, message: SlackMessage, label: string, user = me) {
  const button = message.buttons.find(({ text }) => text === label);
  if (!button)
    throw new Error(`no button ${label} among ${message.buttons.map(({ text }) => text).join()}`);
  return slack.press(user, message, button);
}

const said = async (world: World) =>
  (await world.say('journal'))
    .filter(({ by }: { by: string }) => by.startsWith('slack:'))
    .map(({ type, by }: { type: string; by: string }) => `${type} ${by}`);

test('on Slack the same verbs answer to /drip, skip and undo by buttons, and each word is received at once', async () => {
  await using slack = await openFakeSlack();
  await using world = await openWorld({
    yaml: slackYaml(slack),
    files: { 'posts/a.md': '---\nnetworks: [x]\n---\n1 < 2 & co' },
  });
  await using _served = await world.serve();
  await connected(slack);
  await world.say('resume');
  await untilState(world, 'a@x', 'planned');
  const paused = await saying(slack, 'pause 2h');
  expect([paused.text, paused.body['response_type']]).toEqual([
    expect.stringMatching(/^everything is paused until .* \(Europe\/Berlin\)\./),
    'in_channel',
  ]);
  await saying(slack, 'resume');
  const listed = await saying(slack, 'queue');
  expect(listed.text).toMatch(/a@x/);
  expect(JSON.stringify(listed.blocks)).toContain('rich_text_preformatted');
  const shown = await saying(slack, 'show a');
  expect(shown.text).toContain('1 < 2 & co');
  expect(shown.body['response_type']).toBe('ephemeral');
  const skipped = await pressing(slack, shown, 'Skip');
  expect(skipped.text).toContain('a@x moved to the end of the queue.');
  expect(slack.messages.find(({ body }) => body['replace_original'] === true)?.buttons).toEqual([]);
  expect((await pressing(slack, skipped, 'Undo')).text).toMatch(/^Taken back/);
  expect((await saying(slack, 'hlep')).text).toBe('There is no verb "hlep": did you mean "help"?');
  expect(await said(world)).toEqual([
    `paused slack:${me}`,
    `resumed slack:${me}`,
    `skipped slack:${me}`,
    `undone slack:${me}`,
  ]);
  expect(slack.acks.length).toBe(7);
});

test('on Slack a stranger meets silence, a button that is pressed twice and a word that comes in twice act once', async () => {
  await using slack = await openFakeSlack();
  await using world = await openWorld({
    yaml: slackYaml(slack),
    files: { 'posts/a.md': '---\napproval: required\nnetworks: [x]\n---\nA', 'posts/b.md': 'B' },
  });
  await using _served = await world.serve();
  await connected(slack);
  await world.say('resume');
  const shown = await saying(slack, 'show a');
  const before = slack.outgoing();
  slack.say('U0EVIL', 'pause');
  press(slack, shown, 'Approve', 'U0EVIL');
  await until('both are received', () => slack.acks.length === 3);
  expect((await pressing(slack, shown, 'Approve')).text).toBe('a@x approved.');
  expect(slack.outgoing()).toBe(before + 2);
  expect((await pressing(slack, shown, 'Approve', 'U0OTHER')).text).toBe(
    'Done already: a@x was approved.',
  );
  const word = slack.say(me, 'skip b@x --for-good');
  await untilState(world, 'b@x', 'skipped');
  await saying(slack, 'undo');
  await untilState(world, 'b@x', 'planned');
  await answering(slack, 'the same again', () => slack.repeat(word));
  expect(await said(world)).toEqual([
    `approved slack:${me}`,
    `skipped slack:${me}`,
    `undone slack:${me}`,
  ]);
  expect(await stateOf(world, 'b@x')).toBe('planned');
});

test('on Slack an uncertain release is told in the channel and settled there, by its address or as not released', async () => {
  await using slack = await openFakeSlack();
  await using world = await openWorld({
    yaml: slackYaml(slack),
    files: {
      'posts/a.md': '---\nnetworks: [x]\n---\nA',
      'posts/b.md': '---\nnetworks: [x]\n---\nB',
    },
  });
  await using served = await world.serve();
  await connected(slack);
  await makeUncertain(served, 'a@x');
  const notice = (id: string) =>
    until(`the notice of ${id}`, () =>
      slack.messages.find(
        ({ channel, text }) => channel === 'C0OPS' && text.includes(`${id} is uncertain`),
      ),
    );
  press(slack, await notice('a@x'), 'Published');
  const asked = await until('the question', () =>
    slack.calls.find(({ method }) => method === 'views.open'),
  );
  const view = JSON.parse(String(asked.body['view'])) as Record<string, unknown>;
  expect(
    (
      await answering(slack, 'the address', () =>
        slack.submit(me, view, 'https://x.com/dripline/status/5'),
      )
    ).text,
  ).toBe('a@x is published.');
  await makeUncertain(served, 'b@x');
  expect((await pressing(slack, await notice('b@x'), 'Not published')).text).toBe(
    'b@x is queued again.',
  );
});

test('when the connection to Slack breaks it is made again, and words are heard as before', async () => {
  await using slack = await openFakeSlack();
  await using world = await openWorld({ yaml: slackYaml(slack), files: { 'posts/a.md': 'A' } });
  await using _served = await world.serve();
  await connected(slack);
  slack.cutAll();
  await until('another socket', () => slack.sockets.length === 2);
  expect((await saying(slack, 'pause')).text).toContain('everything is paused');
});

test('on Slack the question for an address opens while another word is in hand', async () => {
  await using slack = await openFakeSlack();
  await using world = await openWorld({
    yaml: slackYaml(slack),
    files: {
      'posts/a.md': '---\nnetworks: [x]\n---\nA',
      'posts/b.md': '---\nnetworks: [mastodon]\n---\nB',
    },
  });
  await using served = await world.serve();
  await connected(slack);
  await world.say('resume');
  const slow = holdPublishing(served, 'masto');
  await makeUncertain(served, 'a@x');
  const notice = await until('the notice', () =>
    slack.messages.find(({ text }) => text.includes('a@x is uncertain')),
  );
  slack.say(me, 'now b@masto --yes');
  await slow.begun;
  press(slack, notice, 'Published');
  await until('the question', () => slack.calls.find(({ method }) => method === 'views.open'));
  expect(answersOf(slack)).toEqual([]);
  slow.release();
  await until('the first word is answered', () => answersOf(slack).length);
  expect(await stateOf(world, 'a@x')).toBe('uncertain');
});
