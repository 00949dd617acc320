import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openFakeHttp } from './fake-http.ts';
import { rareCadence } from '../commands/kit.ts';
import { openWorld, until, type World } from '../flow/world.ts';
import { application, openFakeDiscord } from './fake-discord.ts';
import { openFakeSlack } from './fake-slack.ts';
import { openFakeTelegram, token } from './fake-telegram.ts';
import { png } from './kit.ts';
import { download } from '../../src/chat/download.ts';

const telegramYaml = (url: string) =>
  `${rareCadence}\nchat: { telegram: { token: "${token}", allow: [7], apiRoot: "${url}" } }`;
const slackYaml = (url: string) =>
  `${rareCadence}\nchat: { slack: { appToken: xapp-fake, botToken: xoxb-fake, allow: [U0ME], apiUrl: "${url}" } }`;
const me = '222222222222222222';
const discordYaml = (url: string) =>
  `${rareCadence}\nchat: { discord: { token: fake-token-of-discord, application: "${application}", allow: ["${me}"], apiUrl: "${url}" } }`;

const draftsOf = async ({ config }: World) => {
  const folder = join(config.folders.posts, 'drafts');
  const all = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return all
    .filter((one) => one.isFile() && one.name.endsWith('.md'))
    .map(({ parentPath, name }) => join(parentPath, name));
};

const drafted = async (world: World) =>
  (await world.say('journal')).filter(({ type }: { type: string }) => type === 'drafted');

const lines = 'Spring offer\n\n20 % off, until Friday --really';

test('a photo with a caption becomes one draft, in its lines and with the picture, also where it comes twice', async () => {
  await using telegram = await openFakeTelegram();
  await using world = await openWorld({ yaml: telegramYaml(telegram.url), files: {} });
  const bytes = await png();
  telegram.files.set('big', bytes);
  const update = telegram.sendPhoto(7, 'big', { caption: `/new@drip_bot ${lines}` });
  {
    await using _served = await world.serve();
    await until('the answer', () => telegram.sent.length);
  }
  expect(telegram.sent[0]?.text).toMatch(
    /drafts\/\d{4}-\d\d-\d\d-spring-offer\/index\.md is a new draft\. 1 picture added\. Describe the picture.*alt text/s,
  );
  expect(telegram.sent[0]?.keys).toEqual([]);
  const [file = '', ...more] = await draftsOf(world);
  expect(more).toEqual([]);
  expect(await readFile(file, 'utf8')).toMatch(
    /^---\nmedia:[^]*src: photo\.png[^]*---\n\nSpring offer\n\n20 % off, until Friday --really\n?$/,
  );
  expect(await readFile(join(file, '../photo.png'))).toEqual(bytes);

  await using _served = await world.serve();
  telegram.repeat(update);
  telegram.sendPhoto(7, 'big', { caption: '/new Another one' });
  await until('the second draft', async () => (await draftsOf(world)).length === 2);
  await until('its entry', async () => (await drafted(world)).length === 2);
  expect(await drafted(world)).toMatchObject([{ by: 'telegram:7' }, { by: 'telegram:7' }]);
});

test('an album becomes one draft with all its pictures, and one without a caption asks for it', async () => {
  await using telegram = await openFakeTelegram();
  await using world = await openWorld({ yaml: telegramYaml(telegram.url), files: {} });
  await using _served = await world.serve();
  telegram.files.set('one', await png());
  telegram.files.set('two', Buffer.concat([await png(), Buffer.from('x')]));
  telegram.sendPhoto(7, 'one', { caption: '/new Album', media_group_id: 'g1' });
  telegram.sendPhoto(7, 'two', { media_group_id: 'g1' });
  telegram.sendPhoto(7, 'one', { media_group_id: 'other' });
  telegram.sendPhoto(7, 'one', {});
  await until('the last answer', () => telegram.sent.some(({ text }) => /no caption/.test(text)));
  const [file = '', ...more] = await draftsOf(world);
  expect(more).toEqual([]);
  expect(await readFile(file, 'utf8')).toMatch(/src: photo\.png[^]*src: photo-2\.png/);
  expect(telegram.sent.length).toBe(3);
});

test('a picture that cannot be had is named, and the text is a draft anyway', async () => {
  await using telegram = await openFakeTelegram();
  await using world = await openWorld({ yaml: telegramYaml(telegram.url), files: {} });
  await using _served = await world.serve();
  telegram.files.set('text', Buffer.from('no picture'));
  telegram.sendPhoto(7, 'gone', { caption: '/new One' });
  telegram.sendPhoto(7, 'text', { caption: '/new Two' });
  await until('both answers', () => telegram.sent.length === 2);
  expect(telegram.sent[0]?.text).toMatch(
    /A picture is missing\. photo\.jpg could not be down.*404/,
  );
  expect(telegram.sent[1]?.text).toMatch(/A picture is missing\./);
  expect((await draftsOf(world)).length).toBe(2);
});

test('a video and an animation become drafts, and one that Telegram keeps says why', async () => {
  await using telegram = await openFakeTelegram();
  await using world = await openWorld({ yaml: telegramYaml(telegram.url), files: {} });
  await using _served = await world.serve();
  const clip = await readFile(join(import.meta.dirname, '../fixtures/clip.mp4'));
  telegram.files.set('clip', clip);
  telegram.sendVideo(7, 'video', { id: 'clip', caption: '/new A film' });
  telegram.sendVideo(7, 'animation', { id: 'clip', caption: '/new A loop' });
  await until('both answers', () => telegram.sent.length === 2);
  telegram.trouble.push({ method: 'getFile', status: 400 });
  telegram.sendVideo(7, 'video', { id: 'clip', caption: '/new Too large' });
  telegram.sendVideo(7, 'video', { id: 'clip' });
  await until('all answers', () => telegram.sent.length === 4);
  const said = telegram.sent.map(({ text }) => text);
  expect(said[0]).toMatch(/1 video added\. Describe the video for people/);
  expect(said[1]).toMatch(/1 video added/);
  expect(said[2]).toMatch(/A video is missing\. Telegram does not hand out video\.mp4.*20 MB/);
  expect(said[3]).toMatch(/^This picture or video has no caption/);
  const drafts = await draftsOf(world);
  expect(drafts.length).toBe(3);
  const loop = drafts.find((one) => one.includes('a-loop')) ?? '';
  expect(await readFile(loop, 'utf8')).toContain('src: round.mp4');
  expect(await readFile(join(loop, '../round.mp4'))).toEqual(clip);
});

test('a message that was interrupted goes on with the draft that it had begun', async () => {
  await using telegram = await openFakeTelegram();
  await using world = await openWorld({ yaml: telegramYaml(telegram.url), files: {} });
  await using _served = await world.serve();
  telegram.files.set('big', await png());
  telegram.trouble.push({ method: 'getFile', status: 500 });
  telegram.sendPhoto(7, 'big', { caption: '/new Hello' });
  await until('the answer', () => telegram.sent.length);
  const [file = '', ...more] = await draftsOf(world);
  expect(more).toEqual([]);
  expect(await readFile(file, 'utf8')).toContain('photo.png');
});

test('on Slack a message to the app with a file becomes one draft, and foreign files get no token', async () => {
  await using slack = await openFakeSlack();
  const headers: unknown[] = [];
  await using other = await openFakeHttp((request, response) => {
    headers.push(request.headers.authorization);
    response.writeHead(404).end();
  });
  await using world = await openWorld({ yaml: slackYaml(slack.apiUrl), files: {} });
  await using _served = await world.serve();
  await until('the socket', () => slack.sockets.length);
  slack.files.set('sea.png', await png());
  slack.write('U0STRANGER', 'new Nothing', ['sea.png']);
  slack.write('U0ME', 'said by an app', [], { bot_id: 'B1' });
  const event = slack.write('U0ME', 'new Tom &amp; <https://x.test/a|x.test>\nsecond', ['sea.png']);
  await until('the answer', () => slack.messages.length);
  expect(slack.messages[0]).toMatchObject({ channel: 'D1' });
  expect(slack.messages[0]?.text).toMatch(/1 picture added/);
  slack.repeat(event);
  await until('the second answer', () => slack.messages.length === 2);
  expect(slack.messages[1]?.text).toMatch(/^Done already/);
  const [file = '', ...more] = await draftsOf(world);
  expect(more).toEqual([]);
  expect(await readFile(file, 'utf8')).toMatch(
    /src: sea\.png[^]*---\n\nTom & https:\/\/x\.test\/a\nsecond/,
  );
  slack.write('U0ME', 'new Third', [], { files: [{ name: 'a.png', url_private: other.url }] });
  await until('the third answer', () => slack.messages.length === 3);
  expect(headers).toEqual([undefined]);
});

test('on Discord a file of /drip new, and one in a message to the bot, become drafts', async () => {
  await using discord = await openFakeDiscord();
  await using world = await openWorld({ yaml: discordYaml(discord.apiUrl), files: {} });
  await using _served = await world.serve();
  await until('the gateway', () => discord.ready.length);
  discord.files.set('sea.png', await png());
  const command = discord.sendNew(me, 'By a command', 'sea.png');
  await until('the answer', () => discord.messages.length === 1);
  expect(discord.messages[0]?.content).toMatch(/1 picture added/);
  discord.repeat(command);
  await until('the second answer', () => discord.messages.length === 2);
  const message = discord.write(me, 'new By a message\nin two lines', ['sea.png', 'sea.png']);
  discord.write('666666666666666666', 'new Nothing', ['sea.png']);
  await until('the third answer', () => discord.messages.length === 3);
  discord.write(me, 'new By a message\nin two lines', [], message);
  discord.write(me, 'new Last', []);
  await until('the fourth answer', () => discord.messages.length === 4);
  const texts = await Promise.all((await draftsOf(world)).map((one) => readFile(one, 'utf8')));
  expect(texts.toSorted()).toEqual([
    expect.stringMatching(/sea\.png[^]*By a command/),
    expect.stringMatching(/sea\.png[^]*By a message\nin two lines/),
    expect.stringMatching(/^Last/),
  ]);
});

test('a download ends at 30 MB, whatever was said of its size', async () => {
  const piece = Buffer.alloc(1024 * 1024);
  let sent = 0;
  await using http = await openFakeHttp((_request, response) => {
    const more = (): void => {
      if (response.destroyed || ++sent > 100) return void response.end();
      response.write(piece, more);
    };
    more();
  });
  await expect(download({ name: 'a.png', url: http.url })).rejects.toThrow(/larger than 30 MB/);
  expect(sent).toBeLessThan(100);
  const said = download({ name: 'a.png', url: 'http://127.0.0.1:9', size: 31 * 1024 * 1024 });
  await expect(said).rejects.toThrow(/larger than 30 MB/);
});
