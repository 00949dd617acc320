import { pickDefined } from '../../core/pick-defined.ts';
import { deny } from './answers.ts';
import { type BlueskyContext, toAuthor } from './views.ts';
import { findBlueskyPerson } from './auth.ts';
import { recordCid } from './cbor.ts';
import { isObject, toJson, type Answer, type Fields, type Incoming } from '../http/routing.ts';
import { personId, type BlueskyPerson } from '../world/network-rows.ts';
import { repliesToAuthor, type AudienceReply } from '../world/audience-replies.ts';
import type { SandboxPost, World } from '../world/world.ts';

interface Notification {
  uri: string;
  at: number;
  view: Fields;
}

/** Replies alone: of the audience, and of the other accounts. */
export function listNotifications(
  context: BlueskyContext,
  person: BlueskyPerson,
  { query }: Incoming,
): Answer {
  const most = Number(query.get('limit') ?? 50);
  if (!Number.isInteger(most) || most < 1 || most > 100)
    deny('InvalidRequest', 'limit must be between 1 and 100');
  const reasons = query.getAll('reasons');
  const cursor = query.get('cursor');
  const all = (
    reasons.length > 0 && !reasons.includes('reply') ? [] : listAll(context, person)
  ).sort((a, b) => b.at - a.at || (a.uri < b.uri ? 1 : -1));
  const from = cursor ? all.findIndex(({ uri }) => uri === cursor) + 1 : 0;
  const page = all.slice(from, from + most);
  const last = page.at(-1);
  return toJson(200, {
    ...pickDefined({ cursor: all.length > from + most ? last?.uri : undefined }),
    notifications: page.map(({ view }) => view),
    priority: false,
  });
}

function listAll({ world, audience }: BlueskyContext, person: BlueskyPerson): Notification[] {
  const did = personId(person);
  const own = (id: string | undefined) =>
    (id ? world.post('bluesky', id)?.author : undefined) === did;
  const others = world
    .posts('bluesky')
    .filter((post) => post.author !== did && own(post.inReplyTo));
  return [
    ...repliesToAuthor({ world, audience }, 'bluesky', did).map((reply) => imagine(world, reply)),
    ...others.map((post) => tell(world, post)),
  ];
}

function imagine(
  world: World,
  { id, author, handle, name, text, at, inReplyTo }: AudienceReply,
): Notification {
  const parent = { uri: inReplyTo, cid: world.record(inReplyTo)?.cid };
  const { reply } = world.record(inReplyTo)?.value ?? {};
  const root = isObject(reply) && isObject(reply.root) ? reply.root : parent;
  const createdAt = new Date(at).toISOString();
  const record = {
    $type: 'app.bsky.feed.post',
    text,
    createdAt,
    langs: ['en'],
    reply: { root, parent },
  };
  return toNotification({ id, at, inReplyTo }, record, {
    did: author,
    handle,
    displayName: name,
    createdAt: '2024-01-01T00:00:00.000Z',
    labels: [],
  });
}

function tell(world: World, post: SandboxPost): Notification {
  const person = findBlueskyPerson(world.people, post.author);
  return toNotification(
    post,
    world.record(post.id)?.value ?? {},
    person
      ? toAuthor(person)
      : pickDefined({ did: post.author, handle: post.handle, displayName: post.visitor }),
  );
}

function toNotification(
  { id, at, inReplyTo }: { id: string; at: number; inReplyTo?: string },
  record: Fields,
  author: Fields,
): Notification {
  const view = {
    uri: id,
    cid: recordCid(record),
    author,
    reason: 'reply',
    reasonSubject: inReplyTo,
    record,
    isRead: false,
    labels: [],
  };
  return { uri: id, at, view: { ...view, indexedAt: new Date(at).toISOString() } };
}
