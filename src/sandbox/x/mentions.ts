import { pickDefined } from '../../core/pick-defined.ts';
import { toJson, type Answer, type Fields, type Incoming } from '../http/routing.ts';
import { personId } from '../world/network-rows.ts';
import { repliesToAuthor } from '../world/audience-replies.ts';
import type { SandboxPost } from '../world/world.ts';
import { pageOf, type XContext } from './publishing.ts';

interface Mention {
  post: SandboxPost;
  name: string;
}

/** What others wrote to a person: the audience's replies, and what other accounts really posted. */
export function listMentions(context: XContext, request: Incoming): Answer {
  const { query, params } = request;
  const mentions = findMentions(context, params.id ?? '');
  const page = pageOf(
    context,
    request,
    mentions.map(({ post }) => post),
  );
  const isExpanded = (query.get('expansions') ?? '').split(',').includes('author_id');
  const shown = new Set(page.data?.map(({ id }) => id));
  const authors = new Map(
    mentions.flatMap(({ post, name }): [string, Fields][] =>
      shown.has(post.id) ? [[post.author, { id: post.author, name, username: post.handle }]] : [],
    ),
  );
  return toJson(200, {
    ...page,
    ...pickDefined({
      includes: isExpanded && authors.size > 0 ? { users: [...authors.values()] } : undefined,
    }),
  });
}

function findMentions({ world, audience }: XContext, id: string): Mention[] {
  const person = world.people.find((one) => one.network === 'x' && personId(one) === id);
  if (!person) return [];
  const { handle } = person;
  const isTo = (post: SandboxPost) =>
    (post.inReplyTo !== undefined && world.post('x', post.inReplyTo)?.author === id) ||
    post.text
      .toLowerCase()
      .split(/[^\w@]+/)
      .includes(`@${handle.toLowerCase()}`);
  const real = world
    .posts('x')
    .filter((post) => post.author !== id && isTo(post))
    .map((post) => ({
      post,
      name:
        post.visitor ??
        world.people.find((one) => personId(one) === post.author)?.name ??
        post.handle,
    }));
  const imagined = repliesToAuthor({ world, audience }, 'x', id).map((reply): Mention => {
    const { name, ...rest } = reply;
    const url = world.urlOf({ network: 'x', handle: reply.handle, id: reply.id });
    return {
      name,
      post: { ...rest, network: 'x', url, text: `@${handle} ${reply.text}`, pictures: [] },
    };
  });
  return [...real, ...imagined];
}
