import { isVideoFile } from '../../core/media/video-file.ts';
import type { Account } from '../../core/network/account.ts';
import { Refusal } from '../../core/problem.ts';
import type { PostFiles } from '../../ports/post-files.ts';
import type { CommandContext } from '../command.ts';
import { type LimitsOf, readLimits } from './limits-of.ts';

interface Wanted {
  path: string;
  media: readonly { src: string; transcode?: boolean }[];
}

/**
 * Videos that an account does not take as they are, and would take if ffmpeg made them fit; those
 * that are to be made fit already, too.
 */
export async function findTranscodable(
  context: Pick<CommandContext, 'store' | 'settings'>,
  files: PostFiles,
  { path, media }: Wanted,
): Promise<string[]> {
  const videos = media.filter(({ src }) => isVideoFile(src));
  if (!videos.length) return [];
  const limitsOf = await readLimits(context);
  const found: string[] = [];
  for (const { src, transcode = false } of videos) {
    const file = transcode ? undefined : await findFile(files, path, src);
    const judging = { accounts: context.settings.accounts, limitsOf };
    if (transcode || (file !== undefined && (await isHelped(files, file, judging))))
      found.push(src);
  }
  return found;
}

async function isHelped(
  { whyUnfit }: PostFiles,
  file: string,
  { accounts, limitsOf }: { accounts: readonly Account[]; limitsOf: LimitsOf },
): Promise<boolean> {
  for (const account of accounts) {
    const limits = limitsOf(account).media;
    const medium = { file, moves: 'video' } as const;
    const why = async (one: Parameters<typeof whyUnfit>[0]) =>
      whyUnfit(one, limits).catch(tellRefusal);
    if ((await why(medium)) !== undefined && !(await why({ ...medium, transcode: true })))
      return true;
  }
  return false;
}

const findFile = (files: PostFiles, path: string, src: string) =>
  files.findPicture(path, src).catch((error: unknown): undefined => {
    if (!(error instanceof Refusal)) throw error;
  });

function tellRefusal(error: unknown): string {
  if (error instanceof Refusal) return error.message;
  throw error;
}
