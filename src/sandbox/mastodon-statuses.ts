import { hour } from '../core/time.ts';
import { isObject, parseJson, toFields, toJson, withHeaders } from './http.ts';
import type { Answer, Fields, Incoming } from './http.ts';
import { compareIds, isNumericId } from './ids.ts';
import { deny, denyMissing, toError } from './mastodon-answers.ts';
import { countCharacters, maxCharacters, maxPictures, toStatus } from './mastodon-views.ts';
import type { MastodonContext } from './mastodon-views.ts';
import { parseMultipart } from './multipart.ts';
import { personId } from './people.ts';
import type { MastodonPerson } from './people.ts';
import type { Picture, SandboxPost, World } from './world.ts';

const visibilities = ['public', 'unlisted', 'private', 'direct'];
const keyFor = hour;

/** JSON, a form or a multipart form: Mastodon takes each. */
export function readFields({ body, headers }: Incoming): Fields {
  const type = headers['content-type'] ?? '';
  if (body.length === 0) return {};
  if (/^application\/x-www-form-urlencoded/i.test(type)) return toFields(new URLSearchParams(body.toString('utf8')));
  if (/^multipart\//i.test(type)) {
    const parts = parseMultipart(body, type) ?? deny(400, 'Bad request');
    return toFields(parts.map(({ name, bytes }): [string, string] => [name, bytes.toString('utf8')]));
  }
  const json = parseJson(body);
  return isObject(json) ? json : deny(400, 'Error occurred while parsing request parameters');
}

/** The key belongs to the account; on a hit the body is not even looked at (PostStatusService, 4.6). */
export function createStatus(context: MastodonContext, person: MastodonPerson, request: Incoming): Answer {
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

function readStatus({ world, pageOrigin }: MastodonContext, person: MastodonPerson, fields: Fields): SandboxPost {
  const text = typeof fields.status === 'string' ? fields.status : '';
  const cw = typeof fields.spoiler_text === 'string' ? fields.spoiler_text : '';
  const visibility = String(fields.visibility ?? 'public');
  const inReplyTo = readReply(world, fields.in_reply_to_id);
  const pictures = readPictures(world, person, fields.media_ids);
  if (fields.poll !== undefined || fields.scheduled_at !== undefined) deny(422, 'Validation failed: The sandbox has no polls and schedules nothing itself');
  if (text.trim() === '' && pictures.length === 0) deny(422, "Validation failed: Text can't be blank");
  if (countCharacters(text, cw) > maxCharacters) deny(422, `Validation failed: Text character limit of ${maxCharacters} exceeded`);
  if (!visibilities.includes(visibility)) deny(422, `'${visibility}' is not a valid visibility`);
  const id = world.ids.mastodon();
  return {
    network: 'mastodon',
    author: personId(person),
    handle: person.handle,
    id,
    url: `${pageOrigin()}/@${person.handle}/${id}`,
    text,
    at: world.clock.now(),
    pictures,
    visibility,
    ...(inReplyTo ? { inReplyTo } : {}),
    ...(cw ? { cw } : {}),
    sensitive: cw !== '' || String(fields.sensitive) === 'true',
    ...(typeof fields.language === 'string' && fields.language ? { language: fields.language } : {}),
    ...(isNumericId(fields.quoted_status_id) ? { quotes: fields.quoted_status_id } : {}),
  };
}

function readReply(world: World, id: unknown): string | undefined {
  if (id === undefined || id === null || id === '') return undefined;
  if (!world.post('mastodon', String(id))) deny(404, 'The post you are trying to reply to does not appear to exist.');
  return String(id);
}

function readPictures(world: World, person: MastodonPerson, ids: unknown): Picture[] {
  if (ids === undefined || ids === null) return [];
  if (!Array.isArray(ids)) deny(422, 'Validation failed: media_ids must be a list');
  if (ids.length > maxPictures) deny(422, `Cannot attach more than ${maxPictures} files`);
  return ids.map((id: unknown) => {
    const media = world.media('mastodon', String(id));
    if (!media || media.author !== personId(person) || media.usedBy) deny(422, `Media ${String(id)} not found or already attached to another post`);
    return { id: media.id, alt: media.alt, mime: media.mime, file: media.file };
  });
}

export function getStatus(context: MastodonContext, { params }: Incoming): Answer {
  const post = context.world.post('mastodon', params.id ?? '') ?? denyMissing();
  return toJson(200, toStatus(context, post));
}

export function getSource({ world }: MastodonContext, person: MastodonPerson, { params }: Incoming): Answer {
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

export function removeStatus(context: MastodonContext, person: MastodonPerson, { params }: Incoming): Answer {
  const { world } = context;
  const post = world.post('mastodon', params.id ?? '');
  if (!post || post.author !== personId(person)) denyMissing();
  const last = { ...toStatus(context, post), text: post.text };
  world.write([{ type: 'removed', network: 'mastodon', id: post.id }]);
  return toJson(200, last);
}

export function listStatuses(context: MastodonContext, { params, query, origin, path }: Incoming): Answer {
  const most = Math.min(40, Math.max(1, Number(query.get('limit') ?? 20) || 20));
  const [maxId, sinceId, minId] = ['max_id', 'since_id', 'min_id'].map((name) => query.get(name) ?? undefined);
  const is = (name: string) => ['true', '1'].includes(query.get(name) ?? '');
  const all = context.world
    .posts('mastodon')
    .filter((post) => post.author === params.id && !(is('exclude_replies') && post.inReplyTo) && !(is('only_media') && post.pictures.length === 0))
    .filter(({ id }) => (!maxId || compareIds(id, maxId) < 0) && (!sinceId || compareIds(id, sinceId) > 0) && (!minId || compareIds(id, minId) > 0))
    .sort((a, b) => compareIds(b.id, a.id));
  // min_id pages upwards: the ones right after it, newest first all the same.
  const page = minId ? all.slice(-most) : all.slice(0, most);
  const [newest, oldest] = [page[0]?.id, page.at(-1)?.id];
  const answer = toJson(
    200,
    page.map((post) => toStatus(context, post)),
  );
  if (!newest || !oldest) return answer;
  const link = (name: string, id: string, rel: string) => `<${origin}${path}?limit=${most}&${name}=${id}>; rel="${rel}"`;
  return withHeaders(answer, { link: `${link('max_id', oldest, 'next')}, ${link('min_id', newest, 'prev')}` });
}
