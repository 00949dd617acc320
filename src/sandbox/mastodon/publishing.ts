import { pickDefined } from '../../core/pick-defined.ts';
import { hour } from '../../core/time.ts';
import {
  isObject,
  parseJson,
  toFields,
  toJson,
  type Answer,
  type Fields,
  type Incoming,
} from '../http/routing.ts';
import { compareIds } from '../world/ids.ts';
import { deny, denyMissing, toError } from './answers.ts';
import { readPage, withLinks } from './paging.ts';
import {
  countCharacters,
  maxCharacters,
  maxPictures,
  processingOf,
  toAccount,
  toStatus,
  type MastodonContext,
} from './views.ts';
import { parseMultipart } from '../http/multipart.ts';
import { personId, type MastodonPerson } from '../world/network-rows.ts';
import {
  type Picture,
  type Repost,
  type SandboxPost,
  toPicture,
  type World,
} from '../world/world.ts';

const visibilities = ['public', 'unlisted', 'private', 'direct'];
const keyFor = hour;

/** JSON, a form or a multipart form: Mastodon takes each. */
export function readFields({ body, headers }: Incoming): Fields {
  const type = headers['content-type'] ?? '';
  if (body.length === 0) return {};
  if (/^application\/x-www-form-urlencoded/i.test(type))
    return toFields(new URLSearchParams(body.toString('utf8')));
  if (/^multipart\//i.test(type)) {
    const parts = parseMultipart(body, type) ?? deny(400, 'Bad request');
    return toFields(
      parts.map(({ name, bytes }): [string, string] => [name, bytes.toString('utf8')]),
    );
  }
  const json = parseJson(body);
  return isObject(json) ? json : deny(400, 'Error occurred while parsing request parameters');
}

/**
 * The key belongs to the account; on a hit the body is not even looked at (PostStatusService, 4.6).
 */
export function createStatus(
  context: MastodonContext,
  person: MastodonPerson,
  request: Incoming,
): Answer {
  const { world } = context;
  const key = String(request.headers['idempotency-key'] ?? '');
  const known = key ? world.keyed(personId(person), key) : undefined;
  if (known && world.clock.now() - known.at < keyFor) {
    const post = world.post('mastodon', known.id);
    return post ? toJson(200, toStatus(context, post)) : toError(404, 'Record not found');
  }
  const post = readStatus(context, person, readFields(request));
  world.write([{ type: 'post', post: key ? { ...post, key } : post }]);
  return toJson(200, toStatus(context, post));
}

function readStatus(
  { world }: MastodonContext,
  person: MastodonPerson,
  fields: Fields,
): SandboxPost {
  const text = typeof fields.status === 'string' ? fields.status : '';
  const cw = typeof fields.spoiler_text === 'string' ? fields.spoiler_text : '';
  const visibility = String(fields.visibility ?? 'public');
  const inReplyTo = readReply(world, fields.in_reply_to_id);
  const quotes = readQuote(world, fields.quoted_status_id);
  const pictures = readPictures(world, person, fields.media_ids);
  if (fields.poll !== undefined || fields.scheduled_at !== undefined)
    deny(422, 'Validation failed: The sandbox has no polls and schedules nothing itself');
  if (text.trim() === '' && pictures.length === 0)
    deny(422, "Validation failed: Text can't be blank");
  if (countCharacters(text, cw) > maxCharacters)
    deny(422, `Validation failed: Text character limit of ${maxCharacters} exceeded`);
  if (!visibilities.includes(visibility)) deny(422, `'${visibility}' is not a valid visibility`);
  const id = world.ids.next('mastodon');
  return {
    network: 'mastodon',
    author: personId(person),
    handle: person.handle,
    id,
    url: world.urlOf({ network: 'mastodon', handle: person.handle, id }),
    text,
    at: world.clock.now(),
    pictures,
    visibility,
    sensitive: cw !== '' || String(fields.sensitive) === 'true',
    ...pickDefined({
      inReplyTo,
      quotes,
      cw: cw || undefined,
      language: (typeof fields.language === 'string' && fields.language) || undefined,
    }),
  };
}

function readReply(world: World, id: unknown): string | undefined {
  if (id === undefined || id === null || id === '') return undefined;
  if (!world.post('mastodon', String(id)))
    deny(404, 'The post you are trying to reply to does not appear to exist.');
  return String(id);
}

function readQuote(world: World, id: unknown): string | undefined {
  if (id === undefined || id === null || id === '') return undefined;
  const quoted = world.post('mastodon', String(id)) ?? denyMissing();
  if (['private', 'direct'].includes(quoted.visibility ?? 'public'))
    deny(422, 'Validation failed: Quoted status is not visible to everyone');
  return quoted.id;
}

function readPictures(world: World, person: MastodonPerson, ids: unknown): Picture[] {
  if (ids === undefined || ids === null) return [];
  if (!Array.isArray(ids)) deny(422, 'Validation failed: media_ids must be a list');
  if (ids.length > maxPictures) deny(422, `Cannot attach more than ${maxPictures} files`);
  const pictures = ids.map((id: unknown) => {
    const media = world.media('mastodon', String(id));
    if (!media || media.author !== personId(person) || media.usedBy)
      deny(422, `Media ${String(id)} not found or already attached to another post`);
    return toPicture(media);
  });
  if (pictures.some(({ id }) => world.processing.of(processingOf(id)).is !== 'done'))
    deny(422, 'Cannot attach files that have not finished processing. Try again in a moment!');
  if (pictures.length > 1 && pictures.some(({ moves }) => moves === 'video'))
    deny(422, 'Cannot attach a video to a post that already contains images');
  return pictures;
}

export function getStatus(context: MastodonContext, { params }: Incoming): Answer {
  const id = params.id ?? '';
  const repost = context.world.repost('mastodon', id);
  return toJson(
    200,
    repost
      ? toReblog(context, repost)
      : toStatus(context, context.world.post('mastodon', id) ?? denyMissing()),
  );
}

export function getSource(
  { world }: MastodonContext,
  person: MastodonPerson,
  { params }: Incoming,
): Answer {
  const post = world.post('mastodon', params.id ?? '');
  if (!post || post.author !== personId(person)) denyMissing();
  return toJson(200, { id: post.id, text: post.text, spoiler_text: post.cw ?? '' });
}

export function getStatuses(context: MastodonContext, { query }: Incoming): Answer {
  const ids = [...query.getAll('id[]'), ...query.getAll('id')];
  if (ids.length > 20) deny(422, 'Too many ids: 20 at most');
  const posts = ids.flatMap((id) => context.world.post('mastodon', id) ?? []);
  return toJson(
    200,
    posts.map((post) => toStatus(context, post)),
  );
}

export function removeStatus(
  context: MastodonContext,
  person: MastodonPerson,
  { params }: Incoming,
): Answer {
  const { world } = context;
  const post = world.post('mastodon', params.id ?? '');
  if (!post || post.author !== personId(person)) denyMissing();
  const last = { ...toStatus(context, post), text: post.text };
  world.write([{ type: 'removed', network: 'mastodon', id: post.id }]);
  return toJson(200, last);
}

export function listStatuses(context: MastodonContext, request: Incoming): Answer {
  const { params, query } = request;
  const { world } = context;
  const is = (name: string) => ['true', '1'].includes(query.get(name) ?? '');
  const posts = world
    .posts('mastodon')
    .filter(
      (post) =>
        post.author === params.id &&
        !(is('exclude_replies') && post.inReplyTo) &&
        !(is('only_media') && post.pictures.length === 0),
    )
    .map((post) => ({ id: post.id, view: () => toStatus(context, post) }));
  const reblogs =
    is('exclude_reblogs') || is('only_media') ? [] : listReblogs(context, params.id ?? '');
  const page = readPage(
    [...posts, ...reblogs].sort((a, b) => compareIds(b.id, a.id)),
    query,
    40,
  );
  const answer = toJson(
    200,
    page.map(({ view }) => view()),
  );
  return withLinks(answer, request, page);
}

function listReblogs(
  context: MastodonContext,
  author: string,
): { id: string; view: () => Fields }[] {
  const { world } = context;
  const reposts = world.posts('mastodon').flatMap(({ id }) => world.reposts('mastodon', id));
  return reposts
    .filter((one) => one.author === author)
    .flatMap((one) => (one.id ? { id: one.id, view: () => toReblog(context, one) } : []));
}

/** Said twice it is done once (ReblogService). */
export function reblogStatus(
  context: MastodonContext,
  person: MastodonPerson,
  { params }: Incoming,
): Answer {
  const { world } = context;
  const author = personId(person);
  const post = world.post('mastodon', params.id ?? '') ?? denyMissing();
  if (
    ['private', 'direct'].includes(post.visibility ?? 'public') &&
    (post.author !== author || post.visibility === 'direct')
  )
    deny(403, 'This action is not allowed');
  const known = world.reposts('mastodon', post.id).find((one) => one.author === author);
  const repost: Repost = known ?? {
    network: 'mastodon',
    author,
    of: post.id,
    at: world.clock.now(),
    id: world.ids.next('mastodon'),
  };
  if (!known) world.write([{ type: 'repost', repost }]);
  return toJson(200, toReblog(context, repost));
}

function toReblog(context: MastodonContext, { id = '', of, at, author }: Repost): Fields {
  const post = context.world.post('mastodon', of) ?? denyMissing();
  const person = context.world.people.find(
    (one): one is MastodonPerson => one.network === 'mastodon' && personId(one) === author,
  );
  const reblog = { ...toStatus(context, post), reblogged: true };
  const url = `${context.pageOrigin()}/users/${person?.handle ?? ''}/statuses/${id}/activity`;
  return {
    ...reblog,
    id,
    uri: url,
    url,
    created_at: new Date(at).toISOString(),
    account: person ? toAccount(context, person) : null,
    media_attachments: [],
    reblog,
  };
}
