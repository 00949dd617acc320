import { pickDefined } from '../../core/pick-defined.ts';
import type { Audience } from '../world/sandbox-audience.ts';
import {
  isObject,
  parseJson,
  toJson,
  type Answer,
  type Fields,
  type Incoming,
} from '../http/routing.ts';
import { compareIds, isNumericId } from '../world/ids.ts';
import { weighText } from '../world/link-rules.ts';
import { personId, type XPerson } from '../world/network-rows.ts';
import { type Picture, type SandboxPost, toPicture, type World } from '../world/world.ts';
import { denyForbidden, denyInvalid, denyNotFound, notDefined, toMissing } from './answers.ts';
import { isProcessed } from './uploads.ts';
import { readFieldNames, renderText, toPost } from './views.ts';

const bodyFields = [
  'card_uri',
  'community_id',
  'direct_message_deep_link',
  'edit_options',
  'for_super_followers_only',
  'geo',
  'made_with_ai',
  'media',
  'nullcast',
  'paid_partnership',
  'poll',
  'quote_tweet_id',
  'reply',
  'reply_settings',
  'share_with_followers',
  'text',
];
const mediaFields = [
  'call_to_actions',
  'description',
  'embeddable',
  'media_ids',
  'preview_media_id',
  'tagged_user_ids',
  'title',
];
const replyFields = [
  'auto_populate_reply_metadata',
  'exclude_reply_user_ids',
  'in_reply_to_tweet_id',
];
const maxWeight = 280;

export interface XContext {
  world: World;
  audience: Audience;
  /** How long X remembers a text, for refusing it a second time. */
  duplicateFor: number;
}

export function createPost(context: XContext, person: XPerson, request: Incoming): Answer {
  const { world } = context;
  const body = parseJson(request.body);
  if (!isObject(body)) denyInvalid('The body is not a JSON object.');
  requireKnown(body, bodyFields, '$');
  const text = body.text ?? '';
  if (typeof text !== 'string') denyInvalid('$.text: must be a string.', { text: [String(text)] });
  const pictures = readPictures(world, person, body.media);
  if (text.trim() === '' && pictures.length === 0)
    denyInvalid('$.text: must not be empty without media.', { text: [text] });
  if (weighText(text) > maxWeight) denyInvalid('Your Post text is too long.', { text: [text] });
  if (body.poll !== undefined) denyForbidden('You are not permitted to create a poll.');
  const inReplyTo = readReply(world, body.reply);
  const quotes = readQuote(world, body.quote_tweet_id);
  if (isDuplicate(context, person, text))
    denyForbidden('You are not allowed to create a Tweet with duplicate content.');
  const id = world.ids.next('x');
  const post: SandboxPost = {
    network: 'x',
    author: personId(person),
    handle: person.handle,
    id,
    url: world.urlOf({ network: 'x', handle: person.handle, id }),
    text,
    at: world.clock.now(),
    pictures,
    ...pickDefined({ inReplyTo, quotes }),
  };
  world.write([{ type: 'post', post }]);
  return toJson(201, { data: { id, text: renderText(post).text, edit_history_tweet_ids: [id] } });
}

function requireKnown(body: Fields, known: string[], where: string): void {
  const strange = Object.keys(body).find((name) => !known.includes(name));
  if (strange)
    denyInvalid(notDefined(`${where}.${strange}`), { [strange]: [String(body[strange])] });
}

function readPictures(world: World, person: XPerson, media: unknown): Picture[] {
  if (media === undefined) return [];
  if (!isObject(media)) denyInvalid('$.media: must be an object.');
  requireKnown(media, mediaFields, '$.media');
  const ids = media.media_ids;
  if (!Array.isArray(ids) || ids.length < 1 || ids.length > 4 || !ids.every(isNumericId))
    denyInvalid('$.media.media_ids: must be 1 to 4 ids.');
  const pictures = ids.map((id) => {
    const found = world.media('x', id);
    const isGone =
      !found || found.author !== personId(person) || world.clock.now() - found.at > 86_400_000;
    if (isGone || !isProcessed(world, id))
      denyInvalid('Your media IDs are invalid.', { 'media.media_ids': ids });
    return toPicture(found);
  });
  if (pictures.length > 1 && pictures.some(({ moves }) => moves))
    denyInvalid('You can add 4 images, or 1 video, or 1 GIF.', { 'media.media_ids': ids });
  return pictures;
}

function readReply(world: World, reply: unknown): string | undefined {
  if (reply === undefined) return undefined;
  if (!isObject(reply)) denyInvalid('$.reply: must be an object.');
  requireKnown(reply, replyFields, '$.reply');
  const id = reply.in_reply_to_tweet_id;
  if (!isNumericId(id))
    denyInvalid('$.reply.in_reply_to_tweet_id: must be an id.', {
      'reply.in_reply_to_tweet_id': [String(id)],
    });
  if (!world.post('x', id))
    denyForbidden('You attempted to reply to a Tweet that is deleted or not visible to you.');
  return id;
}

function readQuote(world: World, id: unknown): string | undefined {
  if (id === undefined) return undefined;
  if (!isNumericId(id))
    denyInvalid('$.quote_tweet_id: must be an id.', { quote_tweet_id: [String(id)] });
  if (!world.post('x', id))
    denyForbidden('You attempted to quote a Tweet that is deleted or not visible to you.');
  return id;
}

/** How long X remembers and whether pictures count is unknown: here only the text does. */
function isDuplicate({ world, duplicateFor }: XContext, person: XPerson, text: string): boolean {
  if (text.trim() === '') return false;
  const since = world.clock.now() - duplicateFor;
  return world
    .posts('x')
    .some(
      (post) =>
        post.author === personId(person) && post.at > since && post.text.trim() === text.trim(),
    );
}

export function repostPost({ world }: XContext, person: XPerson, request: Incoming): Answer {
  const author = personId(person);
  if (request.params.id !== author)
    denyForbidden('You are not permitted to repost for another user.');
  const body = parseJson(request.body);
  if (!isObject(body)) denyInvalid('The body is not a JSON object.');
  requireKnown(body, ['tweet_id'], '$');
  const of = body.tweet_id;
  if (!isNumericId(of)) denyInvalid('$.tweet_id: must be an id.', { tweet_id: [String(of)] });
  if (!world.post('x', of)) denyNotFound(`tweet with tweet_id: [${of}]`);
  if (world.reposts('x', of).some((one) => one.author === author))
    denyForbidden('You have already retweeted this Tweet.');
  world.write([{ type: 'repost', repost: { network: 'x', author, of, at: world.clock.now() } }]);
  return toJson(200, { data: { rest_id: of, retweeted: true } });
}

export function removePost({ world }: XContext, person: XPerson, { params }: Incoming): Answer {
  const post = world.post('x', params.id ?? '');
  if (!post) denyNotFound(`tweet with id: [${params.id}]`);
  if (post.author !== personId(person))
    denyForbidden('You are not authorized to delete this Tweet.');
  world.write([{ type: 'removed', network: 'x', id: post.id }]);
  return toJson(200, { data: { deleted: true } });
}

export function findPosts({ world, audience }: XContext, { query, params }: Incoming): Answer {
  const ids = params.id ? [params.id] : (query.get('ids') ?? '').split(',');
  if (ids.length > 100 || !ids.every(isNumericId))
    denyInvalid('The `ids` query parameter must be 1 to 100 ids.', { ids });
  const posts = ids.flatMap((id) => world.post('x', id) ?? []);
  const errors = ids
    .filter((id) => !world.post('x', id))
    .map((id) => toMissing(params.id ? 'id' : 'ids', id));
  const data = posts.map((post) => toPost({ world, audience }, post, readFieldNames(query)));
  const found = params.id ? data[0] : data;
  return toJson(200, {
    data: data.length > 0 ? found : undefined,
    errors: errors.length > 0 ? errors : undefined,
  });
}

export function listPosts(context: XContext, request: Incoming): Answer {
  const exclude = (request.query.get('exclude') ?? '').split(',');
  const all = context.world
    .posts('x')
    .filter(
      (post) =>
        post.author === request.params.id && !(exclude.includes('replies') && post.inReplyTo),
    );
  return toJson(200, pageOf(context, request, all));
}

/** A page of these posts, newest first, as its query asks for it. */
export function pageOf(
  context: XContext,
  { query }: Incoming,
  posts: SandboxPost[],
): { data?: Fields[]; meta: Fields } {
  const asked = query.get('max_results') ?? '10';
  const most = Number(asked);
  if (!Number.isInteger(most) || most < 5 || most > 100)
    denyInvalid(`The \`max_results\` query parameter value [${asked}] is not between 5 and 100.`);
  const isWanted = readSpan(query);
  const all = posts.filter(isWanted).sort((a, b) => compareIds(b.id, a.id));
  const page = all.slice(0, most);
  const [newest, oldest] = [page[0]?.id, page.at(-1)?.id];
  const data = page.map((post) => toPost(context, post, readFieldNames(query)));
  return {
    ...pickDefined({ data: page.length > 0 ? data : undefined }),
    meta: {
      result_count: page.length,
      ...pickDefined({
        newest_id: newest,
        oldest_id: oldest,
        next_token: all.length > most ? oldest : undefined,
      }),
    },
  };
}

/** Between which ids and instants a query asks for posts. */
function readSpan(query: URLSearchParams): (post: SandboxPost) => boolean {
  const [since, until, token] = ['since_id', 'until_id', 'pagination_token'].map(
    (name) => query.get(name) ?? undefined,
  );
  for (const id of [since, until, token])
    if (id !== undefined && !isNumericId(id)) denyInvalid(`[${id}] is not an id.`);
  const from = instantOf(query, 'start_time', 0);
  const to = instantOf(query, 'end_time', Number.MAX_SAFE_INTEGER);
  return ({ id, at }) =>
    (!since || compareIds(id, since) > 0) &&
    (!until || compareIds(id, until) < 0) &&
    (!token || compareIds(id, token) < 0) &&
    at >= from &&
    at < to;
}

function instantOf(query: URLSearchParams, name: string, otherwise: number): number {
  const text = query.get(name);
  if (text === null) return otherwise;
  const at = Date.parse(text);
  if (Number.isNaN(at))
    denyInvalid(`The \`${name}\` query parameter value [${text}] is not a time.`, {
      [name]: [text],
    });
  return at;
}
