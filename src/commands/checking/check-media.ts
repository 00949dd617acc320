import { networkNames } from '../../core/network/network.ts';
import type { Post } from '../../core/post/post.ts';
import { type Problem, Refusal } from '../../core/problem.ts';
import type { Settings } from '../../core/settings.ts';
import { accountsFor } from '../../flow/ingest/ingest.ts';
import type { Images } from '../../ports/images.ts';
import type { LimitsOf } from './limits-of.ts';

interface Judging {
  images: Images;
  settings: Settings;
  limitsOf: LimitsOf;
}

/** Each file once by itself, and what moves once more for each network that it goes to. */
export async function checkMedia(post: Post, judging: Judging): Promise<Problem[]> {
  const problems: Problem[] = [];
  for (const { file, src } of post.media) {
    const why = await whyNot(() => judging.images.inspect(file).then(() => undefined));
    if (why !== undefined)
      problems.push(toProblem(post, why.startsWith(src) ? why : `${src}: ${why}`));
  }
  return problems.length > 0 ? problems : checkMoving(post, judging);
}

/** What moves, on each network that the post goes to. */
export async function checkMoving(
  post: Post,
  { images, settings, limitsOf }: Omit<Judging, 'images'> & { images: Pick<Images, 'whyUnfit'> },
): Promise<Problem[]> {
  const told = new Map<string, string[]>();
  for (const medium of post.media) {
    if (!medium.moves) continue;
    for (const account of accountsFor(post, settings)) {
      const limits = limitsOf(account).media;
      const why = await whyNot(() => images.whyUnfit(medium, limits));
      if (why !== undefined) told.set(why, [...(told.get(why) ?? []), account.name]);
    }
  }
  const nameOf = (name: string) => {
    const network = settings.accounts.find((one) => one.name === name)?.network;
    return network ? `${networkNames[network]} (${name})` : name;
  };
  return [...told].map(([why, names]) =>
    toProblem(post, `not for ${names.map(nameOf).join(' and ')}: ${why}`),
  );
}

const toProblem = ({ file }: Post, what: string): Problem => ({
  where: file,
  what,
  severity: 'error',
});

async function whyNot(work: () => Promise<string | undefined>): Promise<string | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Refusal) return error.message;
    throw error;
  }
}
