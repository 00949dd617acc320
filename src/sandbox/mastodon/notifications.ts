import { toJson, type Answer, type Fields, type Incoming } from '../http/routing.ts';
import { compareIds } from '../world/ids.ts';
import { readPage, withLinks } from './paging.ts';
import { renderContent, toStatus, toVisitor, type MastodonContext } from './views.ts';
import { personId, type MastodonPerson } from '../world/network-rows.ts';
import { repliesToAuthor, type AudienceReply } from '../world/audience-replies.ts';
import type { SandboxPost } from '../world/world.ts';

interface Notification {
  id: string;
  view: Fields;
}

/** Mentions alone: replies of the audience, and of the other accounts. */
export function listNotifications(
  context: MastodonContext,
  person: MastodonPerson,
  request: Incoming,
): Answer {
  const { query } = request;
  const [types, excluded] = ['types', 'exclude_types'].map((name) => [
    ...query.getAll(`${name}[]`),
    ...query.getAll(name),
  ]);
  const isAsked =
    (types?.length === 0 || types?.includes('mention')) && !excluded?.includes('mention');
  const page = readPage(isAsked ? listMentions(context, person) : [], query, 80);
  const answer = toJson(
    200,
    page.map(({ view }) => view),
  );
  return withLinks(answer, request, page);
}

function listMentions(context: MastodonContext, person: MastodonPerson): Notification[] {
  const { world, audience } = context;
  const me = personId(person);
  const isNamed = new RegExp(`(?<![\\w@/])@${person.handle}(?![\\w-])`, 'i');
  const isToUs = ({ inReplyTo, text }: SandboxPost) =>
    (inReplyTo !== undefined && world.post('mastodon', inReplyTo)?.author === me) ||
    isNamed.test(text);
  const others = world.posts('mastodon').filter((post) => post.author !== me && isToUs(post));
  return [
    ...repliesToAuthor({ world, audience }, 'mastodon', me).map((reply) =>
      imagine(context, person, reply),
    ),
    ...others.map((post) => {
      const status = toStatus(context, post);
      return toMention({ id: post.id, at: post.at }, status.account, status);
    }),
  ].sort((a, b) => compareIds(b.id, a.id));
}

function toMention(
  { id, at }: { id: string; at: number },
  account: unknown,
  status: Fields,
): Notification {
  return {
    id,
    view: {
      id,
      type: 'mention',
      group_key: `ungrouped-${id}`,
      created_at: new Date(at).toISOString(),
      account,
      status,
    },
  };
}

/** A reply written in Mastodon's own pages begins with whom it answers. */
function imagine(
  context: MastodonContext,
  person: MastodonPerson,
  reply: AudienceReply,
): Notification {
  const { id, author, handle, text, at, inReplyTo } = reply;
  const origin = context.pageOrigin();
  const url = context.world.urlOf({ network: 'mastodon', handle, id });
  const post = { network: 'mastodon' as const, author, handle, id, url, text, at, inReplyTo };
  const account = toVisitor(context, reply);
  const content = renderContent(text, origin).replace(
    '<p>',
    `<p>${renderMention(origin, person)} `,
  );
  return toMention(reply, account, {
    ...toStatus(context, { ...post, pictures: [] }),
    ...noCounts,
    content,
    account,
    mentions: [
      {
        id: personId(person),
        username: person.handle,
        acct: person.handle,
        url: `${origin}/@${person.handle}`,
      },
    ],
  });
}

const noCounts = { replies_count: 0, reblogs_count: 0, favourites_count: 0, quotes_count: 0 };

function renderMention(origin: string, { handle }: MastodonPerson): string {
  const link = `<a href="${origin}/@${handle}" class="u-url mention">@<span>${handle}</span></a>`;
  return `<span class="h-card" translate="no">${link}</span>`;
}
