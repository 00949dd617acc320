import { describe, expect, test } from 'vitest';
import { defaultPeople } from '../../src/sandbox/open-sandbox.ts';
import { createClock, failureOf, mastodonClient, openTestSandbox, png } from './clients.ts';

const keyed = (key: string) => ({ requestInit: { headers: { 'Idempotency-Key': key } } });
/** The library keeps the answer's status in its cause. */
const statusOf = (error: any) => error.statusCode ?? error.cause?.status;

describe('publishing on Mastodon', () => {
  test('a status comes back as HTML, with its source, its counts and an address that answers', async () => {
    await using sandbox = await openTestSandbox();
    const masto = mastodonClient(sandbox.baseUrls.mastodon);
    const text = 'Salt & <pepper> #Kitchen\nhttps://example.com/a?b=1&c=2\n\nSecond paragraph';
    const status = await masto.v1.statuses.create({
      status: text,
      language: 'en',
      visibility: 'unlisted',
      spoilerText: 'Food',
    });
    expect(status).toMatchObject({
      visibility: 'unlisted',
      spoilerText: 'Food',
      sensitive: true,
      language: 'en',
      favouritesCount: 0,
      quotesCount: 0,
    });
    expect(status.content).toContain('<p>Salt &amp; &lt;pepper&gt; <a href=');
    expect(status.content).toContain('href="https://example.com/a?b=1&amp;c=2"');
    expect(status.content).toMatch(/<br \/>.*<\/p><p>Second paragraph<\/p>$/);
    expect((await masto.v1.statuses.$select(status.id).source.fetch()).text).toBe(text);
    expect((await masto.v1.statuses.$select(status.id).fetch()).id).toBe(status.id);
    expect(status.url).toBe(`${sandbox.page}/@dripline/${status.id}`);
    const page = await fetch(status.url!);
    expect([page.status, await page.text()]).toEqual([
      200,
      expect.stringContaining('Second paragraph'),
    ]);
    expect(sandbox.accepted()).toEqual([
      {
        network: 'mastodon',
        account: 'dripline',
        id: status.id,
        url: status.url,
        text,
        at: '2026-11-24T09:00:00Z',
      },
    ]);
  });

  test('the same key gives the same status for an hour, whatever the text, and 404 once it is deleted', async () => {
    const clock = createClock();
    const other = { ...defaultPeople[2], handle: 'other', token: 'other-token' };
    await using sandbox = await openTestSandbox({ clock, people: [...defaultPeople, other] });
    const masto = mastodonClient(sandbox.baseUrls.mastodon);
    const first = await masto.v1.statuses.create({ status: 'One' }, keyed('k'));
    const again = await Promise.all(
      [1, 2, 3].map(() => masto.v1.statuses.create({ status: 'Changed' }, keyed('k'))),
    );
    expect(again.map(({ id }) => id)).toEqual([first.id, first.id, first.id]);
    await mastodonClient(sandbox.baseUrls.mastodon, other).v1.statuses.create(
      { status: 'Of another account' },
      keyed('k'),
    );
    const gone = await masto.v1.statuses.create({ status: 'Gone' }, keyed('g'));
    await masto.v1.statuses.$select(gone.id).remove();
    expect(
      statusOf(await failureOf(masto.v1.statuses.create({ status: 'Gone' }, keyed('g')))),
    ).toBe(404);
    clock.move(3_600_001);
    expect((await masto.v1.statuses.create({ status: 'One' }, keyed('k'))).id).not.toBe(first.id);
    expect(sandbox.accepted().map(({ text }) => text)).toEqual([
      'One',
      'Of another account',
      'One',
    ]);
  });

  test('a picture is processed, attached once, and refused a second time', async () => {
    await using sandbox = await openTestSandbox();
    const masto = mastodonClient(sandbox.baseUrls.mastodon);
    const media = await masto.v2.media.create({
      file: new Blob([png], { type: 'image/png' }),
      description: 'One pixel',
      focus: '0.1,0.4',
      skipPolling: true,
    });
    expect(media.url).toBeNull();
    const ready = await masto.v1.media.$select(media.id).fetch();
    expect(ready).toMatchObject({
      type: 'image',
      description: 'One pixel',
      meta: { focus: { x: 0.1, y: 0.4 } },
    });
    const status = await masto.v1.statuses.create({ status: 'Look', mediaIds: [media.id] });
    expect(status.mediaAttachments[0]?.url).toBe(ready.url);
    expect(Buffer.from(await (await fetch(ready.url!)).arrayBuffer())).toEqual(png);
    expect(
      statusOf(
        await failureOf(masto.v1.statuses.create({ status: 'Again', mediaIds: [media.id] })),
      ),
    ).toBe(422);
  });

  test('limits count graphemes, 23 for a link, and the content warning', async () => {
    await using sandbox = await openTestSandbox();
    const masto = mastodonClient(sandbox.baseUrls.mastodon);
    const link = `https://example.com/${'x'.repeat(100)}`;
    await masto.v1.statuses.create({ status: `${link} ${'é'.repeat(476)}` });
    await masto.v1.statuses.create({ status: `@someone@example.social ${'e'.repeat(491)}` });
    expect(
      await failureOf(masto.v1.statuses.create({ status: `${link} ${'é'.repeat(477)}` })),
    ).toMatchObject({
      message: 'Validation failed: Text character limit of 500 exceeded',
    });
    expect(
      statusOf(
        await failureOf(masto.v1.statuses.create({ status: 'é'.repeat(499), spoilerText: 'ab' })),
      ),
    ).toBe(422);
    expect((await masto.v2.instance.fetch()).configuration.statuses).toMatchObject({
      maxCharacters: 500,
      charactersReservedPerUrl: 23,
    });
    expect((await masto.v1.instance.fetch()).configuration.statuses.maxCharacters).toBe(500);
  });

  test('a thread pages by ids, and a reply to nothing is not found', async () => {
    await using sandbox = await openTestSandbox();
    const masto = mastodonClient(sandbox.baseUrls.mastodon);
    const ids: string[] = [];
    for (let i = 0; i < 5; i++) {
      const last = ids.at(-1);
      ids.push(
        (
          await masto.v1.statuses.create({
            status: `Part ${i}`,
            ...(last ? { inReplyToId: last } : {}),
          })
        ).id,
      );
    }
    const me = await masto.v1.accounts.verifyCredentials();
    expect(me).toMatchObject({ username: 'dripline', followersCount: 600, statusesCount: 5 });
    const list = (params: object) =>
      masto.v1.accounts
        .$select(me.id)
        .statuses.list({ excludeReblogs: true, ...params })
        .then((all) => all.map(({ id }) => id));
    expect(await list({ limit: 2 })).toEqual([ids[4], ids[3]]);
    expect(await list({ maxId: ids[2] })).toEqual([ids[1], ids[0]]);
    expect(await list({ sinceId: ids[1], limit: 2 })).toEqual([ids[4], ids[3]]);
    expect(await list({ minId: ids[1], limit: 2 })).toEqual([ids[3], ids[2]]);
    expect(await list({ excludeReplies: true })).toEqual([ids[0]]);
    expect(
      (await masto.v1.statuses.fetch({ id: [ids[3]!, '1', ids[0]!] })).map(({ id }) => id),
    ).toEqual([ids[3], ids[0]]);
    expect(
      statusOf(await failureOf(masto.v1.statuses.create({ status: 'Lost', inReplyToId: '12345' }))),
    ).toBe(404);
  });

  test('forms are taken as well as JSON, and a wrong token is not', async () => {
    await using sandbox = await openTestSandbox({ limitScale: 1 });
    const url = `${sandbox.baseUrls.mastodon}/api/v1/statuses`;
    const send = (body: URLSearchParams | FormData, token = 'sandbox-token') =>
      fetch(url, { method: 'POST', headers: { authorization: `Bearer ${token}` }, body });
    const form = await send(new URLSearchParams({ status: 'A form', visibility: 'direct' }));
    expect([
      form.status,
      form.headers.get('x-ratelimit-limit'),
      form.headers.get('x-ratelimit-reset'),
    ]).toEqual([200, '300', '2026-11-24T09:05:00.000Z']);
    const multipart = new FormData();
    multipart.set('status', 'Many parts');
    expect((await send(multipart)).status).toBe(200);
    const denied = await send(new URLSearchParams({ status: 'No' }), 'guessed');
    expect([denied.status, await denied.json()]).toEqual([
      401,
      { error: 'The access token is invalid' },
    ]);
    expect(sandbox.accepted().map(({ text }) => text)).toEqual(['A form', 'Many parts']);
  });
});

describe('what others do on Mastodon', () => {
  const other = { ...defaultPeople[2], handle: 'other', token: 'other-token' };

  test('a reblog is done once, counts once, and stands in the timeline unless it is left out', async () => {
    await using sandbox = await openTestSandbox({ people: [...defaultPeople, other] });
    const [masto, theirs] = [
      mastodonClient(sandbox.baseUrls.mastodon),
      mastodonClient(sandbox.baseUrls.mastodon, other),
    ];
    const status = await masto.v1.statuses.create({ status: 'Look' });
    const reblog = await theirs.v1.statuses.$select(status.id).reblog();
    expect(reblog).toMatchObject({
      content: '<p>Look</p>',
      account: { username: 'other' },
      reblog: { id: status.id, account: { username: 'dripline' } },
    });
    expect((await theirs.v1.statuses.$select(status.id).reblog()).id).toBe(reblog.id);
    expect((await masto.v1.statuses.$select(status.id).fetch()).reblogsCount).toBe(1);
    expect((await masto.v1.statuses.$select(reblog.id).fetch()).reblog?.id).toBe(status.id);
    const list = async (excludeReblogs: boolean) =>
      (await theirs.v1.accounts.$select(reblog.account.id).statuses.list({ excludeReblogs })).map(
        ({ id }) => id,
      );
    expect([await list(false), await list(true)]).toEqual([[reblog.id], []]);
    expect(statusOf(await failureOf(theirs.v1.statuses.$select('12345').reblog()))).toBe(404);
    const secret = await masto.v1.statuses.create({ status: 'Psst', visibility: 'private' });
    expect(statusOf(await failureOf(theirs.v1.statuses.$select(secret.id).reblog()))).toBe(403);
    expect(sandbox.accepted().map(({ text }) => text)).toEqual(['Look', 'Psst']);
  });

  test('a quote shows what it quotes, is counted, and quotes nothing that is gone or hidden', async () => {
    await using sandbox = await openTestSandbox();
    const masto = mastodonClient(sandbox.baseUrls.mastodon);
    const status = await masto.v1.statuses.create({ status: 'Look' });
    const quote = await masto.v1.statuses.create({ status: 'Again', quotedStatusId: status.id });
    expect(quote.quote).toMatchObject({
      state: 'accepted',
      quotedStatus: { id: status.id, content: '<p>Look</p>' },
    });
    expect((await masto.v1.statuses.$select(status.id).fetch()).quotesCount).toBe(1);
    expect(
      statusOf(
        await failureOf(masto.v1.statuses.create({ status: 'Lost', quotedStatusId: '12345' })),
      ),
    ).toBe(404);
    const secret = await masto.v1.statuses.create({ status: 'Psst', visibility: 'private' });
    expect(
      statusOf(
        await failureOf(masto.v1.statuses.create({ status: 'Told', quotedStatusId: secret.id })),
      ),
    ).toBe(422);
  });

  test('people of the audience answer, and their replies are mentions, newest first and page by page', async () => {
    const clock = createClock();
    await using sandbox = await openTestSandbox({
      clock,
      people: [{ ...defaultPeople[2], followers: 40_000 }, other],
    });
    const masto = mastodonClient(sandbox.baseUrls.mastodon);
    const status = await masto.v1.statuses.create({ status: 'Hello' });
    const answer = await mastodonClient(sandbox.baseUrls.mastodon, other).v1.statuses.create({
      status: 'Hello too',
      inReplyToId: status.id,
    });
    clock.move(48 * 3_600_000);
    const all = await masto.v1.notifications.list({ types: ['mention'], limit: 80 });
    expect([all.length, all.length > 5]).toEqual([
      (await masto.v1.statuses.$select(status.id).fetch()).repliesCount,
      true,
    ]);
    const me = await masto.v1.accounts.verifyCredentials();
    for (const one of all) {
      expect(one).toMatchObject({
        type: 'mention',
        status: {
          inReplyToId: status.id,
          inReplyToAccountId: me.id,
          content: expect.stringMatching(/^<p>/),
        },
      });
      expect([one.account.id === me.id, Date.parse(one.createdAt) <= clock.now()]).toEqual([
        false,
        true,
      ]);
    }
    const ids = all.map(({ id }) => id);
    expect(all.map(({ status: { id } = {} as any }) => id)).toContain(answer.id);
    const first = await masto.v1.notifications.list({ limit: 3 });
    const second = await masto.v1.notifications.list({ limit: 3, maxId: first.at(-1)!.id });
    expect([...first, ...second].map(({ id }) => id)).toEqual(ids.slice(0, 6));
    expect((await masto.v1.notifications.list({ sinceId: ids[2]! })).map(({ id }) => id)).toEqual(
      ids.slice(0, 2),
    );
    expect(await masto.v1.notifications.list({ types: ['favourite'] })).toEqual([]);
  });
});
