import { afterAll, beforeAll, expect, test as plainTest } from 'vitest';
import type { MastodonAccount } from '../../src/core/network/account.ts';
import type { Receipt, Relation } from '../../src/core/post/message.ts';
import { defaultPeople, type Sandbox } from '../../src/sandbox/open-sandbox.ts';
import { openFaultProxy } from '../peers/fault-proxy.ts';
import { peerOrSkip } from '../peers/peer-or-skip.ts';
import { howToGetSnac, openSnac } from '../peers/snac.ts';
import { mastodonClient, openTestSandbox } from '../sandbox/clients.ts';
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

const { peer: snac, test: testOnSnac } = peerOrSkip(await openSnac(), howToGetSnac);
let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await openTestSandbox({ clock: wallClock });
});
afterAll(async () => {
  await sandbox.close();
  await snac?.[Symbol.asyncDispose]();
});

const onSandbox = (more: Partial<MastodonAccount> = {}): MastodonAccount => ({
  name: 'masto',
  network: 'mastodon',
  baseUrl: sandbox.baseUrls.mastodon,
  token: defaultPeople[2].token,
  ...more,
});
const onSnac = (more: Partial<MastodonAccount> = {}): MastodonAccount => ({
  ...onSandbox(),
  baseUrl: snac?.url ?? '',
  token: snac?.token ?? '',
  ...more,
});
const masto = () => mastodonClient(sandbox.baseUrls.mastodon);
const json = { 'content-type': 'application/json; charset=utf-8' };
const remove = ({ id }: Receipt) => masto().v1.statuses.$select(id).remove();

plainTest(
  'quotes a post of its own, with a picture beside it, and finds the quote again',
  async () => {
    await using proxy = await openFaultProxy(sandbox.baseUrls.mastodon);
    const publisher = await openTestPublisher(onSandbox({ baseUrl: proxy.url }));
    const { receipt: of } = await send(publisher, 'the first');
    const { receipt } = await send(publisher, 'look again', {
      relation: { as: 'quote', of },
      media: [await makePicture(publisher, 'Red over blue')],
    });
    const status = await masto().v1.statuses.$select(receipt.id).fetch();
    expect(status.quote).toMatchObject({ state: 'accepted', quotedStatus: { id: of.id } });
    expect([status.inReplyToId, status.mediaAttachments.length]).toEqual([null, 1]);
    expect((await masto().v1.statuses.$select(of.id).fetch()).quotesCount).toBe(1);
    // The same words, once quoting and once on their own: each is found as what it was.
    const quote = await publisher.prepare(
      request(publisher, 'same words', { relation: { as: 'quote', of } }),
      signal,
    );
    const plain = await publisher.prepare(request(publisher, 'same words'), signal);
    proxy.fail(/POST \/api\/v1\/statuses/, 'drop');
    expect((await failureOf(publisher.publish(quote, { signal, mayOpen }))).kind).toBe('unknown');
    const look = { sentAt: Date.now(), signal };
    expect(await publisher.lookUp(plain, look)).toBeUndefined();
    const found = await publisher.lookUp(quote, look);
    expect((await masto().v1.statuses.$select(found!.id).fetch()).quote).toMatchObject({
      quotedStatus: { id: of.id },
    });
  },
);

plainTest(
  'a server whose API is older than quotes refuses the relation alone, before anything is uploaded',
  async () => {
    for (const versions of [{ api_versions: { mastodon: 6 } }, {}]) {
      await using proxy = await openFaultProxy(sandbox.baseUrls.mastodon);
      proxy.fail(/v2\/instance/, {
        status: 200,
        headers: json,
        body: JSON.stringify({ version: '4.4.0', ...versions }),
      });
      const publisher = await openTestPublisher(onSandbox({ baseUrl: proxy.url }));
      const { receipt: of } = await send(publisher, 'the first');
      const error = await failureOf(
        send(publisher, 'look again', {
          relation: { as: 'quote', of },
          media: [await makePicture(publisher, 'x')],
        }),
      );
      expect([
        error.kind,
        error.isRelationRefused,
        proxy.asked.filter((line) => line.includes('/media')).length,
      ]).toEqual(['refused', true, 0]);
    }
  },
);

plainTest('answers the last post of a conversation, and goes on as a thread', async () => {
  const publisher = await openTestPublisher(onSandbox());
  const { receipt: first } = await send(publisher, 'root');
  const { receipt: second } = await send(publisher, 'second', { index: 1, before: [first] });
  const relation: Relation = { as: 'reply', conversation: [first, second] };
  const { receipt: answer } = await send(publisher, 'the answer', {
    relation,
    before: [first, second],
  });
  const { receipt: more } = await send(publisher, 'and more', {
    relation,
    index: 1,
    before: [first, second, answer],
  });
  expect((await masto().v1.statuses.$select(answer.id).fetch()).inReplyToId).toBe(second.id);
  expect((await masto().v1.statuses.$select(more.id).fetch()).inReplyToId).toBe(answer.id);
});

plainTest(
  'says that only the relation is refused where what it answers, quotes or reposts is gone',
  async () => {
    const publisher = await openTestPublisher(onSandbox());
    const { receipt } = await send(publisher, 'soon gone');
    await remove(receipt);
    const relations: Relation[] = [
      { as: 'reply', conversation: [receipt] },
      { as: 'quote', of: receipt },
      { as: 'repost', of: receipt },
    ];
    for (const relation of relations) {
      const before = relation.as === 'reply' ? relation.conversation : [];
      const error = await failureOf(send(publisher, `as ${relation.as}`, { relation, before }));
      expect([relation.as, error.kind, error.isRelationRefused]).toEqual([
        relation.as,
        'refused',
        true,
      ]);
    }
    // A thread's own part that is gone is no relation.
    expect(
      (await failureOf(send(publisher, 'part', { index: 1, before: [receipt] }))).isRelationRefused,
    ).toBe(false);
    expect(
      sandbox.accepted().filter(({ text }) => text.startsWith('as ') || text === 'part'),
    ).toEqual([]);
  },
);

plainTest('does not take what is wrong with the text for a refusal of the relation', async () => {
  await using proxy = await openFaultProxy(sandbox.baseUrls.mastodon);
  const publisher = await openTestPublisher(onSandbox({ baseUrl: proxy.url }));
  const { receipt } = await send(publisher, 'it stands');
  const relation: Relation = { as: 'reply', conversation: [receipt] };
  for (const [status, error, isRelationRefused] of [
    [422, 'Validation failed: Text character limit of 500 exceeded', false],
    [422, 'Validation failed: In reply to is not visible to you', true],
    [400, 'Bad Request: reply is not permitted', true],
    [403, 'This action is not allowed', true],
    [410, 'Gone', true],
  ] as const) {
    proxy.fail(/POST \/api\/v1\/statuses/, {
      status,
      headers: json,
      body: JSON.stringify({ error }),
    });
    const failure = await failureOf(send(publisher, 'answer', { relation, before: [receipt] }));
    expect([status, error, failure.kind, failure.isRelationRefused]).toEqual([
      status,
      error,
      'refused',
      isRelationRefused,
    ]);
  }
});

const servers = [
  ['the sandbox', plainTest, onSandbox],
  ['snac2', testOnSnac, onSnac],
] as const;
for (const [name, test, account] of servers) {
  test(`reposts a post of its own once on ${name}, however often it is said`, async () => {
    await using proxy = await openFaultProxy(account().baseUrl);
    const publisher = await openTestPublisher(account({ baseUrl: proxy.url }));
    const { receipt: of } = await send(publisher, `worth a second look on ${name}`);
    const payload: unknown = JSON.parse(
      JSON.stringify(
        await publisher.prepare(request(publisher, '', { relation: { as: 'repost', of } }), signal),
      ),
    );
    expect(publisher.reconciling(payload)).toEqual({
      repeatFor: Infinity,
      looks: 0,
      whenAbsent: 'send',
    });
    proxy.fail(/POST .*\/reblog/, 'drop');
    expect((await failureOf(publisher.publish(payload, { signal, mayOpen }))).kind).toBe('unknown');
    expect(await publisher.lookUp(payload, { sentAt: Date.now(), signal })).toBeUndefined();
    const receipts = [
      await publisher.publish(payload, { signal, mayOpen }),
      await publisher.publish(payload, { signal, mayOpen }),
    ];
    expect(receipts.map(({ id, url }) => [id === receipts[0]?.id, url])).toEqual([
      [true, of.url],
      [true, of.url],
    ]);
    expect((await publisher.measure([of], signal)).counts.get(of.id)).toMatchObject({ reposts: 1 });
    expect((await publisher.timeline({ limit: 5 }, signal)).map(({ id }) => id)).toContain(of.id);
    const refusal = new Error('no longer ours');
    const denied = () => {
      throw refusal;
    };
    await expect(publisher.publish(payload, { signal, mayOpen: denied })).rejects.toBe(refusal);
  });
}

testOnSnac('says on snac2 that quotes are not taken there', async () => {
  const publisher = await openTestPublisher(onSnac());
  const { receipt: of } = await send(publisher, 'the first');
  expect(await failureOf(send(publisher, 'look', { relation: { as: 'quote', of } }))).toMatchObject(
    { kind: 'refused', isRelationRefused: true },
  );
});

testOnSnac(
  'does not answer a post that is gone on a server that would let the answer stand alone',
  async () => {
    const publisher = await openTestPublisher(onSnac());
    const gone = { id: '1795522875000000000000000000000000000000000', url: '', at: 0 };
    const relation: Relation = { as: 'reply', conversation: [gone] };
    expect(
      await failureOf(send(publisher, 'the answer', { relation, before: [gone] })),
    ).toMatchObject({ kind: 'refused', isRelationRefused: true });
    const { receipt: stands } = await send(publisher, 'it stands');
    const { receipt } = await send(publisher, 'the answer', {
      relation: { as: 'reply', conversation: [stands] },
      before: [stands],
    });
    expect((await publisher.timeline({ limit: 1 }, signal))[0]).toMatchObject({
      id: receipt.id,
      inReplyTo: stands.id,
    });
  },
);
