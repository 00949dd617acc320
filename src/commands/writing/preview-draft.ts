import type { LinkCounting } from '../../core/clicks/counted-link.ts';
import type { Account } from '../../core/network/account.ts';
import { compose } from '../../core/post/compose.ts';
import type { Post } from '../../core/post/post.ts';
import type { Problem } from '../../core/problem.ts';
import { readCounting } from '../../flow/links/counted-links.ts';
import { accountsFor } from '../../flow/ingest/ingest.ts';
import type { PostFiles, PostText } from '../../ports/post-files.ts';
import { noteTimes, refusePast } from '../checking/check-days.ts';
import { checkMoving } from '../checking/check-media.ts';
import { checkMessages } from '../checking/check-messages.ts';
import { type LimitsOf, readLimits } from '../checking/limits-of.ts';
import type { CommandContext } from '../command.ts';
import { previewMessage } from '../views/preview.ts';

/** What `check` says of a text, and what it would be on each account. */
export interface DraftPreview {
  post?: Post;
  problems: Problem[];
  accounts: AccountPreview[];
  /** Accounts that it does not go to. */
  without: Account[];
}

export type AccountPreview = Awaited<ReturnType<typeof previewMessage>> & { account: Account };

const isDraft = (path: string) => path.startsWith('drafts/');

/** Nothing is written, and no network is asked. */
export async function previewDraft(
  context: CommandContext,
  files: PostFiles,
  file: Pick<PostText, 'path' | 'text'>,
): Promise<DraftPreview> {
  const { settings, clock } = context;
  const { post, problems } = await files.parse(file);
  if (!post) return { problems, accounts: [], without: [] };
  const accounts = accountsFor(post, settings);
  const limitsOf = await readLimits(context);
  const links = await readCounting(context);
  return {
    post,
    problems: [
      ...problems,
      // As it will be: a draft's day is looked at, too.
      ...noteTimes({ ...post, draft: false }, settings, clock.now()),
      ...(isDraft(file.path) ? refusePast(post, settings, clock.now()) : []),
      ...checkMessages(post, settings, limitsOf),
      ...(await checkMoving(post, { images: files, settings, limitsOf })),
    ],
    accounts: await Promise.all(
      accounts.map((account) => previewOn(context, { post, account, limitsOf, links })),
    ),
    without: settings.accounts.filter((one) => !accounts.includes(one)),
  };
}

interface Previewed {
  post: Post;
  account: Account;
  limitsOf: LimitsOf;
  links: LinkCounting | undefined;
}

async function previewOn(
  context: CommandContext,
  { post, account, limitsOf, links }: Previewed,
): Promise<AccountPreview> {
  const { campaigns, mentions } = context.settings;
  const limits = limitsOf(account);
  const { message, problems, beyond } = compose({
    post,
    account,
    limits,
    run: 1,
    campaigns,
    mentions,
    links,
  });
  return { account, ...(await previewMessage(context, message, { limits, problems, beyond })) };
}
