import type { Settings } from '../../core/settings.ts';
import type { Account } from '../../core/network/account.ts';
import type { Limits } from '../../core/network/limits.ts';
import { networkNames } from '../../core/network/network.ts';
import { traitsOf } from '../../core/network/traits-of.ts';
import { plural } from '../../core/plural.ts';
import { compose } from '../../core/post/compose.ts';
import type { Post } from '../../core/post/post.ts';
import { followUpIds, parseFollowUpId, toFollowUpPost } from '../../core/post/series.ts';
import type { Problem } from '../../core/problem.ts';
import { noteMentions } from './check-mentions.ts';
import { accountsFor } from '../../flow/ingest/ingest.ts';
import type { LimitsOf } from './limits-of.ts';

/** Composes the post for each account, within the limits that are known of it. */
export function checkMessages(post: Post, config: Settings, limitsOf: LimitsOf): Problem[] {
  const accounts = accountsFor(post, config);
  const composed = messagesOf(post).flatMap((message) =>
    accounts.map((account) => ({
      account,
      message,
      ...composeMessage(message, { account, limits: limitsOf(account), config }),
    })),
  );
  const texts = composed.map(({ account, message, message: { post: one }, parts }) => ({
    account,
    message: nameOf(message) + one.id,
    text: parts.join('\n'),
  }));
  return [
    ...composed.flatMap(toProblems),
    ...noteMentions(texts, { file: post.file, mentions: config.mentions }),
    ...noteFewerRuns(post, accounts),
  ];
}

function messagesOf(post: Post): Message[] {
  const following = followUpIds(post).flatMap(
    (id) => toFollowUpPost(post, parseFollowUpId(id)?.path ?? []) ?? [],
  );
  return [
    ...Array.from({ length: runsOf(post) }, (_, i) => ({ post, run: i + 1 })),
    ...following.map((one) => ({ post: one, run: 1, root: post })),
  ];
}

interface Message {
  post: Post;
  run: number;
  /** The post that this one follows. */
  root?: Post;
}

/** How many different texts an evergreen post has: later runs repeat them. */
const runsOf = ({ evergreen }: Post) =>
  evergreen ? Math.min(evergreen.times ?? Infinity, evergreen.variants.length + 1) : 1;

function noteFewerRuns({ file, evergreen }: Post, accounts: Account[]): Problem[] {
  const times = (evergreen?.variants.length ?? 0) + 1;
  if (!evergreen || (evergreen.times ?? Infinity) <= times) return [];
  const often = times === 1 ? 'once' : plural(times, 'time');
  const names = accounts
    .filter(({ network }) => traitsOf(network).refusesRepeats)
    .map(({ network }) => networkNames[network]);
  return [...new Set(names)].map((name) => ({
    where: file,
    what: `on ${name} it is published ${often}, since ${name} refuses the same text twice`,
    hint: 'each further variant adds one run there',
    severity: 'note',
  }));
}

interface Judged {
  account: Account;
  limits: Limits;
  config: Pick<Settings, 'campaigns' | 'mentions' | 'links'>;
}

function composeMessage({ post, run, root }: Message, { account, limits, config }: Judged) {
  const { campaigns, mentions, links } = config;
  const isRepost = root !== undefined && post.parts.join('') === '';
  const { message, problems } = compose({
    post,
    account,
    limits,
    run,
    campaigns,
    mentions,
    isRepost,
    links,
  });
  return { parts: message.parts.map(({ text }) => text), problems };
}

interface Composed {
  account: Account;
  message: Message;
  problems: string[];
}

const toProblems = ({ account, message, problems }: Composed): Problem[] =>
  problems.map((what) => ({
    where: message.post.file,
    what: `${nameOf(message)}on ${account.name}: ${what}`,
    severity: 'error',
  }));

function nameOf({ post, run, root }: Message): string {
  if (root) return `follow-up ${post.id} `;
  return run > 1 ? `run ${run} ` : '';
}
