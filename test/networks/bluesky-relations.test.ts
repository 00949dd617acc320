import { afterAll, beforeAll, expect, test } from 'vitest';
import type { BlueskyAccount } from '../../src/core/network/account.ts';
import type { Receipt, Relation } from '../../src/core/post/message.ts';
import { defaultPeople, type Sandbox } from '../../src/sandbox/open-sandbox.ts';
import { openFaultProxy } from '../peers/fault-proxy.ts';
import { openPds, type Pds } from '../peers/pds.ts';
import { blueskyAgent, openTestSandbox } from '../sandbox/clients.ts';
import {
  failureOf,
  makePicture,
  mayOpen,
  openTestPublisher,
  request,
  send,
  signal,
  wallClock,
} from './kit.ts';

let pds: Pds;
let sandbox: Sandbox;
let person: Awaited<ReturnType<Pds['createAccount']>>;
beforeAll(async () => {
  [pds, sandbox] = await Promise.all([openPds(), openTestSandbox({ clock: wallClock })]);
  person = await pds.createAccount();
});
afterAll(async () => {
  await sandbox.close();
  await pds[Symbol.asyncDispose]();
});

const onPds = (baseUrl = pds.url): BlueskyAccount => {
  const { handle, password } = person;
  return { name: 'bsky', network: 'bluesky', baseUrl, handle, password, isPinned: true };
};
const onSandbox = (baseUrl = sandbox.baseUrls.bluesky): BlueskyAccount => {
  const { handle, password } = defaultPeople[1];
  return { name: 'bsky', network: 'bluesky', baseUrl, handle, password, isPinned: true };
};
const servers = [
  ['a PDS', onPds, async () => person.agent],
  ['the sandbox', onSandbox, () => blueskyAgent(sandbox.baseUrls.bluesky)],
] as const;
type Account = () => BlueskyAccount;
const openOn = (account: Account) => openTestPublisher(account());

const toRef = ({ id, cid }: Receipt) => ({ uri: id, cid });
const withoutHash = ({ cid: _cid, ...receipt }: Receipt): Receipt => receipt;

for (const [name, account, openAgent] of servers) {
  const read = async (uri: string): Promise<{ value: any; cid?: string | undefined }> => {
    const [repo = '', collection = '', rkey = ''] = uri.slice('at://'.length).split('/');
    const { data } = await (
      await openAgent()
    ).com.atproto.repo.getRecord({ repo, collection, rkey });
    return { value: JSON.parse(JSON.stringify(data.value)), cid: data.cid };
  };
  const remove = async (uri: string) => {
    const [repo = '', collection = '', rkey = ''] = uri.slice('at://'.length).split('/');
    await (await openAgent()).com.atproto.repo.deleteRecord({ repo, collection, rkey });
  };

  test(`quotes a post, with pictures beside it and never with a card, also where its receipt has no hash (${name})`, async () => {
    const publisher = await openOn(account);
    const { receipt: of } = await send(publisher, 'the first');
    const { receipt: plain } = await send(publisher, 'look again', {
      relation: { as: 'quote', of },
      card: 'http://127.0.0.1:1/',
    });
    expect((await read(plain.id)).value.embed).toEqual({
      $type: 'app.bsky.embed.record',
      record: toRef(of),
    });
    const media = [await makePicture(publisher, 'Red over blue')];
    const { receipt: pictured } = await send(publisher, 'look closer', {
      relation: { as: 'quote', of: withoutHash(of) },
      media,
    });
    expect((await read(pictured.id)).value.embed).toMatchObject({
      $type: 'app.bsky.embed.recordWithMedia',
      record: { $type: 'app.bsky.embed.record', record: toRef(of) },
      media: { $type: 'app.bsky.embed.images', images: [{ alt: 'Red over blue' }] },
    });
    // The quote stands in the first part alone.
    const { receipt: second } = await send(publisher, 'more', {
      relation: { as: 'quote', of },
      index: 1,
      before: [plain],
    });
    expect((await read(second.id)).value).toMatchObject({
      reply: { root: toRef(plain), parent: toRef(plain) },
    });
    expect((await read(second.id)).value.embed).toBeUndefined();
  });

  test(`reposts a post once, however often and after whatever fault it is said (${name})`, async () => {
    await using proxy = await openFaultProxy(account().baseUrl);
    const publisher = await openTestPublisher({ ...account(), baseUrl: proxy.url });
    const { receipt: of } = await send(publisher, 'worth a second look');
    const prepare = async (seed: string) =>
      JSON.parse(
        JSON.stringify(
          await publisher.prepare(
            request(publisher, '', { relation: { as: 'repost', of: withoutHash(of) }, seed }),
            signal,
          ),
        ),
      ) as unknown;
    for (const [fault, isThere] of [
      ['drop', true],
      ['reset', false],
    ] as const) {
      const payload = await prepare(`${fault} on ${name}`);
      expect(publisher.reconciling(payload)).toEqual({
        repeatFor: 3_600_000,
        looks: 1,
        whenAbsent: 'person',
      });
      proxy.fail(/putRecord/, fault);
      expect((await failureOf(publisher.publish(payload, { signal, mayOpen }))).kind).toBe(
        'unknown',
      );
      expect((await publisher.lookUp(payload, { sentAt: Date.now(), signal })) !== undefined).toBe(
        isThere,
      );
      const receipts = await Promise.all(
        [1, 2, 3].map(() => publisher.publish(payload, { signal, mayOpen })),
      );
      expect(new Set(receipts.map(({ id }) => id)).size).toBe(1);
      expect(receipts[0]).toMatchObject({
        url: of.url,
        id: expect.stringContaining('/app.bsky.feed.repost/'),
      });
      const { value, cid } = await read(receipts[0]!.id);
      expect([value.subject, cid]).toEqual([toRef(of), receipts[0]?.cid]);
      expect(await publisher.lookUp(payload, { sentAt: Date.now(), signal })).toMatchObject({
        id: receipts[0]?.id,
        url: of.url,
      });
    }
  });

  test(`answers the last post of a conversation below its root, also where receipts have no hash (${name})`, async () => {
    const publisher = await openOn(account);
    const { receipt: first } = await send(publisher, 'root');
    const { receipt: second } = await send(publisher, 'second', { index: 1, before: [first] });
    const conversation = [withoutHash(first), withoutHash(second)];
    const relation: Relation = { as: 'reply', conversation };
    const { receipt: answer } = await send(publisher, 'the answer', {
      relation,
      before: conversation,
    });
    expect((await read(answer.id)).value.reply).toEqual({
      root: toRef(first),
      parent: toRef(second),
    });
    const { receipt: more } = await send(publisher, 'and more', {
      relation,
      index: 1,
      before: [...conversation, answer],
    });
    expect((await read(more.id)).value.reply).toEqual({
      root: toRef(first),
      parent: toRef(answer),
    });
  });

  test(`sends nothing where what it answers, quotes or reposts is gone, and says that only the relation is refused (${name})`, async () => {
    await using proxy = await openFaultProxy(account().baseUrl);
    const publisher = await openTestPublisher({ ...account(), baseUrl: proxy.url });
    const { receipt: root } = await send(publisher, 'root');
    const { receipt } = await send(publisher, 'soon gone', { index: 1, before: [root] });
    await remove(receipt.id);
    const before = proxy.asked.filter((line) => line.includes('putRecord')).length;
    const relations: Relation[] = [
      { as: 'reply', conversation: [root, receipt] },
      { as: 'quote', of: receipt },
      { as: 'repost', of: withoutHash(receipt) },
    ];
    for (const relation of relations) {
      const conversation = relation.as === 'reply' ? relation.conversation : [];
      const error = await failureOf(
        send(publisher, 'too late', { relation, before: conversation }),
      );
      expect([
        relation.as,
        error.kind,
        error.isRelationRefused,
        error.message.includes(receipt.url),
      ]).toEqual([relation.as, 'refused', true, true]);
    }
    expect(proxy.asked.filter((line) => line.includes('putRecord')).length).toBe(before);
    // A look that fails is no answer.
    proxy.fail(/getRecord/, 'reset');
    expect(
      (await failureOf(send(publisher, 'later', { relation: { as: 'quote', of: root } }))).kind,
    ).toBe('not-sent');
  });
}

test('what is reposted and quoted on the local network is counted there', async () => {
  const publisher = await openOn(onSandbox);
  const { receipt: of } = await send(publisher, 'look');
  await send(publisher, '', { relation: { as: 'repost', of } });
  await send(publisher, 'again', { relation: { as: 'quote', of } });
  const agent = await blueskyAgent(sandbox.baseUrls.bluesky);
  await agent.like(of.id, of.cid!);
  expect((await publisher.measure([of], signal)).counts.get(of.id)).toMatchObject({
    likes: 1,
    reposts: 1,
    quotes: 1,
  });
});
