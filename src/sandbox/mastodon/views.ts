import { countAudience, type Audience } from '../world/sandbox-audience.ts';
import type { Fields } from '../http/routing.ts';
import { countGraphemes, findLinks } from '../world/link-rules.ts';
import { personId, type MastodonPerson } from '../world/network-rows.ts';
import type { Media, SandboxPost, World } from '../world/world.ts';

export const maxCharacters = 500;
export const maxPictures = 4;
export const maxDescription = 1500;
export const maxImageBytes = 16 * 1024 * 1024;
export const imageTypes = ['image/jpeg', 'image/png', 'image/gif', 'image/webp'];
export const maxVideoBytes = 103_809_024;
export const videoTypes = ['video/mp4', 'video/quicktime', 'video/webm'];
const urlLength = 23;

export const processingOf = (id: string): string => `mastodon ${id}`;

export interface MastodonContext {
  world: World;
  audience: Audience;
  /** Statuses and pictures are shown there. */
  pageOrigin: () => string;
}

/** Graphemes of warning and text together; a link counts 23, `@user@host` as `@user`. */
export function countCharacters(text: string, warning: string): number {
  let shown = '';
  let at = 0;
  for (const link of findLinks(text)) {
    shown += `${text.slice(at, link.start)}${'x'.repeat(urlLength)}`;
    at = link.end;
  }
  shown += text.slice(at);
  return countGraphemes(
    warning + shown.replace(/(?<![\w/])@(\w[\w.-]*)@[a-z0-9.-]+\.[a-z]{2,}/giu, '@$1'),
  );
}

export function escapeHtml(text: string): string {
  return text.replace(
    /[&<>"']/g,
    (letter) =>
      ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' })[letter] ?? letter,
  );
}

/** Plain text as the HTML that Mastodon hands out. */
export function renderContent(text: string, origin: string): string {
  let html = '';
  let at = 0;
  for (const link of findLinks(text)) {
    html += renderTags(text.slice(at, link.start), origin) + renderLink(link.url);
    at = link.end;
  }
  html += renderTags(text.slice(at), origin);
  const paragraphs = html
    .replace(/\r\n?/g, '\n')
    .trim()
    .split(/\n{2,}/)
    .filter(Boolean);
  return paragraphs.map((paragraph) => `<p>${paragraph.replace(/\n/g, '<br />')}</p>`).join('');
}

function renderTags(text: string, origin: string): string {
  return escapeHtml(text).replace(
    hashtag,
    (_, tag: string) =>
      `<a href="${tagUrl(origin, tag)}" class="mention hashtag" rel="tag">#<span>${tag}</span></a>`,
  );
}

const tagUrl = (origin: string, tag: string) =>
  `${origin}/tags/${encodeURIComponent(tag.toLowerCase())}`;

function renderLink(url: string): string {
  const [, scheme = '', plain = ''] = /^(https?:\/\/(?:www\.)?)(.*)$/i.exec(url) ?? [];
  const [shown, hidden] = [plain.slice(0, 30), plain.slice(30)];
  const attributes = 'target="_blank" rel="nofollow noopener" translate="no"';
  const pieces = [
    ['invisible', scheme],
    [hidden ? 'ellipsis' : '', shown],
    ['invisible', hidden],
  ].map(([name, piece = '']) => `<span class="${name}">${escapeHtml(piece)}</span>`);
  return `<a href="${escapeHtml(url)}" ${attributes}>${pieces.join('')}</a>`;
}

export function toAccount({ world, pageOrigin }: MastodonContext, person: MastodonPerson): Fields {
  const own = world.posts('mastodon').filter(({ author }) => author === personId(person));
  const picture = `${pageOrigin()}/avatar.svg`;
  return {
    id: personId(person),
    username: person.handle,
    acct: person.handle,
    display_name: person.name ?? person.handle,
    locked: false,
    bot: !person.isHuman,
    discoverable: true,
    group: false,
    created_at: '2024-01-01T00:00:00.000Z',
    note: '',
    url: `${pageOrigin()}/@${person.handle}`,
    uri: `${pageOrigin()}/users/${person.handle}`,
    avatar: picture,
    avatar_static: picture,
    header: picture,
    header_static: picture,
    followers_count: person.followers ?? 500,
    following_count: 120,
    statuses_count: own.length,
    last_status_at:
      own.length > 0
        ? new Date(Math.max(...own.map(({ at }) => at))).toISOString().slice(0, 10)
        : null,
    emojis: [],
    fields: [],
  };
}

/** `isQuoted`: inside of another one, which goes no deeper. */
export function toStatus(context: MastodonContext, post: SandboxPost, isQuoted = false): Fields {
  const { world, pageOrigin } = context;
  const quoted = post.quotes && !isQuoted ? world.post('mastodon', post.quotes) : undefined;
  const parent = post.inReplyTo ? world.post('mastodon', post.inReplyTo) : undefined;
  return {
    ...toBare(post),
    ...countsOf(context, post),
    in_reply_to_account_id: parent?.author ?? null,
    content: renderContent(post.text, pageOrigin()),
    quote: quoted ? { state: 'accepted', quoted_status: toStatus(context, quoted, true) } : null,
    account: accountOf(context, post),
    media_attachments: post.pictures.flatMap(({ id }) => {
      const media = world.media('mastodon', id);
      return media ? [toAttachment(context, media)] : [];
    }),
    tags: [...post.text.matchAll(hashtag)].map(([, tag = '']) => ({
      name: tag.toLowerCase(),
      url: tagUrl(pageOrigin(), tag),
    })),
  };
}

const hashtag = /(?<![\w&/])#([\p{L}\p{N}_]*[\p{L}_][\p{L}\p{N}_]*)/gu;

/** What a status says without looking at anything else. */
const toBare = (post: SandboxPost): Fields => ({
  id: post.id,
  created_at: new Date(post.at).toISOString(),
  edited_at: null,
  in_reply_to_id: post.inReplyTo ?? null,
  sensitive: post.sensitive ?? false,
  spoiler_text: post.cw ?? '',
  visibility: post.visibility ?? 'public',
  language: post.language ?? 'en',
  uri: post.url,
  url: post.url,
  favourited: false,
  reblogged: false,
  muted: false,
  bookmarked: false,
  pinned: false,
  reblog: null,
  application: { name: 'Dripline', website: null },
  mentions: [],
  emojis: [],
  card: null,
  poll: null,
});

function countsOf({ world, audience }: MastodonContext, post: SandboxPost): Fields {
  const counts = countAudience(world, audience, post);
  return {
    replies_count: counts.replies,
    reblogs_count: counts.reposts,
    favourites_count: counts.likes,
    quotes_count: counts.quotes,
  };
}

function accountOf(context: MastodonContext, post: SandboxPost): Fields | null {
  const { author } = post;
  if (post.visitor !== undefined) return toVisitor(context, { ...post, name: post.visitor });
  const person = context.world.people.find(
    (one): one is MastodonPerson => one.network === 'mastodon' && personId(one) === author,
  );
  return person ? toAccount(context, person) : null;
}

/** A person of the audience, whose account looks like ours. */
export function toVisitor(
  context: MastodonContext,
  { author, handle, name }: { author: string; handle: string; name: string },
): Fields {
  const origin = context.pageOrigin();
  return {
    ...toAccount(context, { network: 'mastodon', handle, name, token: '', isHuman: true }),
    id: author,
    url: `${origin}/@${handle}`,
    uri: `${origin}/users/${handle}`,
    followers_count: 12,
    following_count: 34,
    statuses_count: 56,
  };
}

/** While it is being processed it has no address. */
export function toAttachment(
  { pageOrigin }: MastodonContext,
  media: Media,
  isReady = true,
): Fields {
  const url = isReady ? `${pageOrigin()}/media/${media.file}` : null;
  const [x = 0, y = 0] = (media.focus ?? '').split(',').map(Number);
  return {
    id: media.id,
    type: media.moves ? { video: 'video', gif: 'gifv' }[media.moves] : 'image',
    url,
    preview_url: url,
    remote_url: null,
    text_url: null,
    blurhash: null,
    meta: media.focus ? { focus: { x, y } } : {},
    description: media.alt || null,
  };
}

const configuration = {
  urls: { streaming: '', status: null },
  vapid: { public_key: '' },
  accounts: { max_featured_tags: 10, max_pinned_statuses: 5 },
  statuses: {
    max_characters: maxCharacters,
    max_media_attachments: maxPictures,
    characters_reserved_per_url: urlLength,
  },
  media_attachments: {
    supported_mime_types: [...imageTypes, ...videoTypes],
    description_limit: maxDescription,
    image_size_limit: maxImageBytes,
    image_matrix_limit: 33_177_600,
    video_size_limit: maxVideoBytes,
    video_frame_rate_limit: 120,
    video_matrix_limit: 8_294_400,
  },
  polls: {
    max_options: 4,
    max_characters_per_option: 50,
    min_expiration: 300,
    max_expiration: 2_629_746,
  },
  translation: { enabled: false },
};

export function toInstance({ pageOrigin }: MastodonContext, host: string): Fields {
  return {
    domain: host,
    title: 'Sandbox',
    version: '4.6.0',
    source_url: 'https://example.com/',
    description: 'Loopback only',
    usage: { users: { active_month: 1 } },
    thumbnail: { url: `${pageOrigin()}/avatar.svg` },
    icon: [],
    languages: ['en'],
    configuration,
    registrations: { enabled: false, approval_required: false, message: null },
    api_versions: { mastodon: 7 },
    contact: { email: '', account: null },
    rules: [],
  };
}

/** What the older endpoint says, for clients that know no other. */
export function toOldInstance(context: MastodonContext, host: string): Fields {
  const { title, description, version, languages, rules } = toInstance(context, host);
  return {
    uri: host,
    title,
    short_description: description,
    description,
    email: '',
    version,
    languages,
    rules,
    configuration,
    urls: { streaming_api: '' },
    stats: { user_count: 1, status_count: context.world.posts('mastodon').length, domain_count: 0 },
    thumbnail: null,
    registrations: false,
    approval_required: false,
    invites_enabled: false,
    contact_account: null,
  };
}
