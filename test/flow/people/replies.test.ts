import { describe, expect, test } from 'vitest';
import { keyOfAddress } from '../../../src/core/people/person.ts';
import { takeReplies } from '../../../src/flow/people/replies/take-replies.ts';
import { stopPerson } from '../../../src/flow/people/stop-person.ts';
import type { PersonReply } from '../../../src/ports/people/person-reply.ts';
import { monday, openPeopleWorld, sequence, step } from './people-world.ts';
import { peopleStores } from './stores.ts';

const welcome = sequence([step('hello')], {
  start: [{ by: 'reply', word: 'GUIDE', waitFor: 0 }],
  by: ['message'],
});
const planner = sequence([step('plan')], {
  id: 'planner',
  start: [{ by: 'reply', word: 'PLAN', waitFor: 0 }],
  by: ['message'],
  again: 0,
});

let count = 0;
const reply = (text: string, more: Partial<PersonReply> = {}): PersonReply => {
  count += 1;
  const id = `r${count}`;
  return {
    id,
    url: `https://social.example/@ada/${id}`,
    at: monday,
    by: 'ada@social.example',
    author: { id: 'ada@social.example', name: 'Ada :blobcat: <b>' },
    text,
    lang: 'de',
    inReplyTo: 'our-post',
    ...more,
  };
};

const of = (who: string, name = who) => ({ by: who, author: { id: who, name } });

describe.each(peopleStores)('replies on $name', ({ open }) => {
  async function begin() {
    const place = await open();
    const world = openPeopleWorld({ store: place.store, sequences: [welcome, planner] });
    const hear = (...replies: PersonReply[]) =>
      takeReplies(world.context, {
        account: 'masto',
        network: 'mastodon',
        replies,
        own: new Set(['acme@social.example']),
      });
    const { people } = place.store;
    const find = (who: string) => people.findPersonByAddress(`mastodon:${who}`);
    return { ...world, people, hear, find, [Symbol.asyncDispose]: place[Symbol.asyncDispose] };
  }

  test('who answers with the word is a person with a handle and a consent for that network, and enters once', async () => {
    await using world = await begin();
    const { people, hear, find } = world;
    const first = reply('@acme Guide, bitte!');
    await hear(first);
    await hear(first, { ...first, text: '@acme Guide, bitte! (edited)' });
    await hear(reply('GUIDE'), reply('guide', { firstId: first.id }));
    const ada = await find('ada@social.example');
    expect(ada).toMatchObject({
      fields: { name: 'Ada b' },
      lang: 'de',
      score: 0,
      addresses: [
        { medium: 'message', network: 'mastodon', account: 'masto', handle: 'ada@social.example' },
      ],
    });
    const consents = await people.listConsents(ada!.id);
    expect(consents.find(({ id }) => id === `said:mastodon:${first.id}:welcome`)).toMatchObject({
      medium: 'message',
      purpose: 'welcome',
      way: 'reply',
      words: first.text,
      from: `${first.url} in answer to our-post`,
      addressKey: keyOfAddress(ada!.addresses[0]!),
    });
    expect(await people.listEnrolments({})).toMatchObject([
      { sequence: 'welcome', by: 'reply', run: 1, person: ada!.id },
    ]);
    // Not for mail, nor for another sequence, and no human is called.
    expect(new Set(consents.map(({ medium, purpose }) => `${medium} ${purpose}`))).toEqual(
      new Set(['message welcome']),
    );
    expect(ada!.status).toBe('active');
  });

  test('what is no language is none, and what is no name neither', async () => {
    await using world = await begin();
    const author = { id: 'x@social.example', name: 'https://spam.example @all #buy' };
    await world.hear(reply('guide', { by: 'x@social.example', author, lang: '"><b>' }));
    const person = (await world.find('x@social.example'))!;
    expect([person.lang, person.fields]).toEqual([undefined, { name: 'buy' }]);
  });

  test('nobody enters by what says something else, by a program or by our own accounts', async () => {
    await using world = await begin();
    await world.hear(
      reply('What a guidebook'),
      reply('> answer GUIDE\nwhy?'),
      reply('https://guide.example'),
      reply('GUIDE', { author: { id: 'bot@x.example', isBot: true } }),
      reply('GUIDE', of('Acme@social.example')),
      reply('stop GUIDE', of('bob@social.example')),
      reply('stop', of('eve@social.example')),
    );
    expect(await world.people.listPeople({ limit: 10 })).toEqual([]);
  });

  test('what somebody said before the word is not for a human when it is read again', async () => {
    await using world = await begin();
    world.clock.move(2000);
    const before = reply('hello');
    const word = reply('guide', { at: monday + 1000 });
    await world.hear(before);
    await world.hear(before, word);
    await world.hear(before, word);
    expect((await world.find('ada@social.example'))!.status).toBe('active');
  });

  test('stop stops them, and the same word after that begins it again where it may', async () => {
    await using world = await begin();
    const { people, hear, find, clock } = world;
    const asked = reply('plan');
    await hear(asked);
    clock.move(60_000);
    const stop = reply('Stop, please.', { at: clock.now() });
    await hear(stop);
    await hear(asked, stop);
    const ada = (await find('ada@social.example'))!;
    expect(ada.status).toBe('stopped');
    expect(await people.listEnrolments({})).toMatchObject([{ state: 'stopped' }]);
    expect(
      await people.listSuppressions([world.context.hashOf('mastodon:ada@social.example')]),
    ).toMatchObject([{ because: 'reply', purpose: '*' }]);
    clock.move(60_000);
    const again = reply('PLAN', { at: clock.now() });
    await hear(stop, again);
    await hear(asked, stop, again);
    expect((await find('ada@social.example'))!.status).toBe('active');
    expect((await people.listEnrolments({})).map(({ run, state }) => [run, state])).toEqual([
      [1, 'stopped'],
      [2, 'active'],
    ]);
  });

  test('who was forgotten is not met again by what they said before', async () => {
    await using world = await begin();
    const { hear, find, people, context, clock } = world;
    const said = reply('guide');
    await hear(said);
    const ada = (await find('ada@social.example'))!;
    clock.move(60_000);
    const because = 'forgotten' as const;
    await stopPerson(context, { person: ada, purpose: '*', because, by: 'test' });
    await people.forgetPerson(ada.id);
    await hear(said);
    expect(await find('ada@social.example')).toBeUndefined();
    clock.move(60_000);
    await hear(said, reply('guide', { at: clock.now() }));
    const again = (await find('ada@social.example'))!;
    expect(again.id).not.toBe(ada.id);
    expect((await people.listEnrolments({})).map(({ person }) => person)).toEqual([again.id]);
  });

  test('another answer of somebody known is for a human, with its words, and counts once', async () => {
    await using world = await begin();
    const { people, hear, find } = world;
    await hear(reply('guide'));
    const question = reply('Do you ship to Norway?', { at: monday + 1000 });
    await hear(question);
    await hear(question);
    const ada = (await find('ada@social.example'))!;
    expect(ada.status).toBe('handed-over');
    expect(ada.score).toBeCloseTo(10, 3);
    expect(await people.listActs({ person: ada.id, kinds: ['replied'] })).toMatchObject([
      { words: 'Do you ship to Norway?', url: question.url },
    ]);
    expect(await people.listEnrolments({})).toMatchObject([{ state: 'handed-over' }]);
    // They are answered where they spoke last.
    expect(ada.addresses).toMatchObject([{ conversation: [{ id: question.id }] }]);
  });

  test('where it is interrupted between two writes the next look does the rest', async () => {
    for (const method of ['addPerson', 'addConsents', 'addEnrolment', 'addActs'] as const) {
      await using world = await begin();
      const { context, find, people } = world;
      const said = reply('guide');
      const heard = {
        account: 'masto',
        network: 'mastodon',
        replies: [said],
        own: new Set<string>(),
      } as const;
      for (const isBefore of [true, false]) {
        const crash = async (...given: unknown[]) => {
          if (!isBefore)
            await (people[method] as (...some: unknown[]) => Promise<unknown>)(...given);
          throw new Error('killed');
        };
        const store = { ...context.store, people: { ...people, [method]: crash } };
        await takeReplies({ ...context, store }, heard).catch(() => undefined);
      }
      await takeReplies(context, heard);
      const ada = (await find('ada@social.example'))!;
      expect([method, await people.listEnrolments({})]).toMatchObject([
        method,
        [{ person: ada.id, run: 1 }],
      ]);
      expect(await people.listConsents(ada.id)).toHaveLength(1);
      expect(await people.listActs({ person: ada.id })).toHaveLength(1);
    }
  });
});
