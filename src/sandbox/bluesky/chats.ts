import { createHash } from 'node:crypto';
import { pickDefined } from '../../core/pick-defined.ts';
import {
  type Answer,
  type Fields,
  type Incoming,
  isObject,
  parseJson,
  toJson,
} from '../http/routing.ts';
import { type BlueskyPerson, personId } from '../world/network-rows.ts';
import type { ChatMessage } from '../world/chat-message.ts';
import type { World } from '../world/world.ts';
import { deny } from './answers.ts';
import { findBlueskyPerson } from './auth.ts';
import { toAuthor } from './views.ts';

type Handle = (person: BlueskyPerson, request: Incoming) => Answer;

const service = 'did:web:api.bsky.chat#bsky_chat';
const longest = 1000;

/** A fake of the chat service, which nobody can run: written after its lexicons. */
export function createChats(
  world: World,
): Record<'convoFor' | 'list' | 'messages' | 'send', Handle> {
  const guarded =
    (handle: Handle): Handle =>
    (person, request) => {
      if (request.headers['atproto-proxy'] !== service)
        deny('MethodNotImplemented', 'Method Not Implemented', 501);
      // What a server says to an app password without this permission.
      if (!person.mayChat) deny('InvalidToken', 'Bad token method');
      return handle(person, request);
    };
  return {
    convoFor: guarded((person, { query }) => {
      const other = findOther(world, query.get('members') ?? '');
      return toJson(200, { convo: toConvo(world, person, other) });
    }),
    list: guarded((person) => toJson(200, { convos: listConvos(world, person) })),
    messages: guarded((person, request) => listMessages(world, person, request)),
    send: guarded((person, request) => sendMessage(world, person, request)),
  };
}

const findOther = (world: World, name: string): BlueskyPerson =>
  findBlueskyPerson(world.people, name) ?? deny('InvalidRequest', 'Profile not found');

const idOf = (a: string, b: string): string =>
  createHash('sha256').update([a, b].toSorted().join(' ')).digest('hex').slice(0, 13);

const between = (world: World, id: string): ChatMessage[] =>
  world.chats().filter(({ from, to }) => idOf(from, to) === id);

const toView = ({ id, from, text, at }: ChatMessage): Fields => ({
  $type: 'chat.bsky.convo.defs#messageView',
  id,
  rev: id,
  text,
  sender: { did: from },
  sentAt: new Date(at).toISOString(),
});

function toConvo(world: World, person: BlueskyPerson, other: BlueskyPerson): Fields {
  const id = idOf(personId(person), personId(other));
  const last = between(world, id).at(-1);
  return {
    id,
    rev: last?.id ?? '0',
    members: [person, other].map(toAuthor),
    muted: false,
    status: 'accepted',
    unreadCount: 0,
    ...pickDefined({ lastMessage: last && toView(last) }),
  };
}

function listConvos(world: World, person: BlueskyPerson): Fields[] {
  const me = personId(person);
  const newest = new Map<string, number>();
  for (const { from, to, at } of world.chats())
    if (from === me || to === me) newest.set(from === me ? to : from, at);
  return [...newest]
    .toSorted(([, a], [, b]) => b - a)
    .flatMap(([did]) => findBlueskyPerson(world.people, did) ?? [])
    .map((other) => toConvo(world, person, other));
}

function listMessages(world: World, person: BlueskyPerson, { query }: Incoming): Answer {
  const id = query.get('convoId') ?? '';
  const most = Number(query.get('limit') ?? 50);
  const all = between(world, id).filter(isOf(person)).toReversed();
  const cursor = query.get('cursor');
  const from = cursor ? all.findIndex((one) => one.id === cursor) + 1 : 0;
  const page = all.slice(from, from + most);
  return toJson(200, {
    messages: page.map(toView),
    ...pickDefined({ cursor: all.length > from + most ? page.at(-1)?.id : undefined }),
  });
}

const isOf =
  (person: BlueskyPerson) =>
  ({ from, to }: ChatMessage) =>
    [from, to].includes(personId(person));

/** There is no key: the same again is another message. */
function sendMessage(world: World, person: BlueskyPerson, { body }: Incoming): Answer {
  const input = parseJson(body);
  const { convoId, message } = isObject(input) ? input : {};
  const text = isObject(message) ? message.text : undefined;
  if (typeof text !== 'string' || text === '' || text.length > longest)
    deny('InvalidRequest', 'Input/message/text must not be longer than 1000 graphemes');
  const me = personId(person);
  const other = world.people.find(
    (one): one is BlueskyPerson => one.network === 'bluesky' && idOf(me, personId(one)) === convoId,
  );
  if (!other) deny('InvalidRequest', 'Convo not found');
  requireTaken(world, person, other);
  const written: ChatMessage = {
    id: world.ids.next('bluesky'),
    from: me,
    to: personId(other),
    text,
    at: world.clock.now(),
  };
  world.write([{ type: 'chat', message: written }]);
  return toJson(200, toView(written));
}

/** Whoever wrote first is answered, whatever is set. */
function requireTaken(world: World, person: BlueskyPerson, other: BlueskyPerson): void {
  const { chatFrom = 'following', follows = [] } = other;
  const hasWritten = between(world, idOf(personId(person), personId(other))).some(
    ({ from }) => from === personId(other),
  );
  const isTaken =
    chatFrom === 'all' || (chatFrom === 'following' && follows.includes(person.handle));
  if (!isTaken && !hasWritten)
    deny('InvalidRequest', 'recipient requires incoming messages to come from someone they follow');
}
