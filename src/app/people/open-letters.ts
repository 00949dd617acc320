import { join } from 'node:path';
import type { LettersConfig } from '../../config/letters/schema-letters.ts';
import type { Config } from '../../config/config.ts';
import { openCounting } from './count-links.ts';
import { openTokens, tokensForTrial } from '../../io/secrets/sealed-tokens.ts';
import type { LetterPress } from '../../ports/people/letters.ts';

const lettersFolder = ({ folders }: Pick<Config, 'folders'>): string =>
  join(folders.data, 'letters');

/**
 * Undefined: none are configured. What they are drawn with is loaded when one is made. On trial
 * nothing is kept, and no key is made.
 */
export async function openLettersOf(
  config: Config,
  { isTrial = false } = {},
): Promise<LetterPress | undefined> {
  const { letters, public: door, zone, folders } = config;
  if (!letters) return undefined;
  const { openPress } = await import('../../letters/open-press.ts');
  const { openImages } = await import('../../media/images.ts');
  const open = async () =>
    isTrial ? tokensForTrial() : openTokens(join(folders.data, 'token.key'));
  const tokens = door && (await open());
  return openPress({
    ...letters,
    zone,
    unsubscribeUrl:
      tokens && ((dispatch) => `${door.url}/u/${tokens.make('unsubscribe', dispatch)}`),
    openCounting: tokens && ((input) => openCounting({ doorUrl: door.url, tokens }, input)),
    mediaFolder: folders.media,
    folder: lettersFolder(config),
    images: openImages({ dataFolder: folders.data, keepFor: config.keep.picturesFor }),
  });
}

/** For verbs and pages, beside the service that makes them. */
export async function openLetterFiles(config: Pick<Config, 'folders'>, { time }: LettersConfig) {
  const { openBatchFiles } = await import('../../letters/batch-files.ts');
  return { ...openBatchFiles(lettersFolder(config)), time };
}
