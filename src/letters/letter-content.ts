import { copyFile, mkdir, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { StepLink } from '../core/clicks/click.ts';
import type { Block, Letter } from '../core/people/letters/letter.ts';
import { pickDefined } from '../core/pick-defined.ts';
import { Refusal } from '../core/problem.ts';
import { toOneLine } from '../core/people/mail/mailbox.ts';
import { type CountLink, fillTree, withStepLink } from '../mail/rendering/mail-tree.ts';
import { type Complain, fillText, type Values } from '../mail/rendering/variables.ts';
import type { Images } from '../ports/images.ts';
import type { Composing } from '../ports/people/transport.ts';
import { writeWhole } from '../io/files/atomic-file.ts';
import { pictureFile } from './frozen-letter.ts';
import { type Fonts, openFonts, toPrinted, whyUnprintable } from './letter-fonts.ts';
import { toBlocks, type TextOnPaper } from './letter-text.ts';
import { letterWords } from './letter-words.ts';
import { type Post, postalLines, whyAddressUnfit } from './postal-lines.ts';

export interface Printing extends Post {
  /** One line, above the address. */
  sender: string;
  zone: string;
  /** Whose links are counted; absent: they go out as they are. */
  openCounting?: ((input: LetterInput) => Counting) | undefined;
  /** Absent: there is no public door. */
  unsubscribeUrl?: ((dispatch: string) => string) | undefined;
  /** Pictures of texts. */
  mediaFolder: string;
  /** What is kept of letters. */
  folder: string;
  images: Images;
}

interface Counting {
  count: CountLink;
  links(): StepLink[];
}

export type LetterInput = Omit<Composing, 'dispatch'> & { dispatch: { id: string } };

/** Throws Refusal: it is held, and says why. */
export async function composeLetter(
  printing: Printing,
  input: LetterInput,
): Promise<{ letter: Letter; links: StepLink[] }> {
  const { address, person, sequence, at } = input;
  if (address.medium !== 'letter') throw new Refusal('there is no postal address');
  const fonts = await openFonts();
  const why = whyAddressUnfit(address, printing, fonts);
  if (why !== undefined) throw new Refusal(why);
  const counting = printing.openCounting?.(input) ?? uncounted;
  const { text, subject, unsubscribe } = fillIn(printing, input, counting.count);
  const { lang = 'en' } = person;
  const words = letterWords(lang);
  const letter: Letter = pickDefined({
    format: printing.format,
    lang,
    sender: toPrinted(printing.sender),
    address: postalLines(address, printing),
    country: address.country.toUpperCase(),
    postcode: address.postcode,
    date: words.date(at, printing),
    subject: subject || undefined,
    blocks: await withPictures(printing, text.blocks),
    link: text.link,
    foot: [words.reason(sequence.title), ...(unsubscribe ? [words.stop(unsubscribe)] : [])].map(
      toPrinted,
    ),
  });
  assertPrintable(letter, fonts);
  return { letter, links: counting.links() };
}

const uncounted: Counting = { count: (url) => url, links: () => [] };

/** Its words, with every variable in them. */
function fillIn(
  { unsubscribeUrl }: Printing,
  { person: { fields }, step, dispatch, coupon }: LetterInput,
  countLink: CountLink,
): { text: TextOnPaper; subject: string; unsubscribe: string | undefined } {
  const complaints: string[] = [];
  const complain: Complain = (what, hint) => complaints.push(`${what}: ${hint}`);
  const unsubscribe = unsubscribeUrl?.(dispatch.id);
  const plain: Values = { fields, params: step.params, coupon, urls: { unsubscribe } };
  const { keep, count } = openOwn(countLink);
  const paper = { values: plain, complain, countLink: keep, isPaper: true } as const;
  const values = withStepLink(step.link, paper);
  const { link } = values.urls;
  const own = step.isLinkShared ? undefined : link;
  const found = toBlocks(fillTree(step.text, { ...paper, values }), own);
  const text = pickDefined({ ...found, link: count(found.link ?? link) });
  const subject = toPrinted(toOneLine(fillText(step.subject ?? '', values, complain)));
  if (complaints.length > 0) throw new Refusal(complaints.join('; '));
  if (text.blocks.length === 0) throw new Refusal('the letter has no text: write one');
  return { text, subject, unsubscribe };
}

/** Whoever reads an address sees where it leads; only what is scanned is counted. */
function openOwn(countLink: CountLink) {
  const bares = new Map<string, string>();
  return {
    keep(url: string, bare: string): string {
      if (!bares.has(url)) bares.set(url, bare);
      return url;
    },
    count: (url: string | undefined) => url && countLink(url, bares.get(url) ?? url),
  };
}

/** Never a letter in which something is missing. */
function assertPrintable(letter: Letter, fonts: Fonts): void {
  const texts = [
    letter.sender,
    letter.date,
    letter.subject ?? '',
    ...letter.foot,
    ...letter.blocks.flatMap((one) => ('runs' in one ? one.runs.map(({ text }) => text) : [])),
  ];
  for (const text of texts) {
    const why = whyUnprintable(text, fonts);
    if (why !== undefined) throw new Refusal(`a character cannot be printed: ${why}`);
  }
}

const pictureLimits = {
  maxCount: 1,
  mimeTypes: ['image/jpeg'],
  maxBytes: 600_000,
  maxSide: 1800,
};

const withPictures = (printing: Printing, blocks: TextOnPaper['blocks']): Promise<Block[]> =>
  Promise.all(
    blocks.map(async (one): Promise<Block> => {
      if (one.kind !== 'picture') return one;
      const file = await fileOf(printing, one.file);
      const { path, sha256, width, height } = await printing.images.render({ file }, pictureLimits);
      await keepPicture(printing, { path, digest: sha256 });
      return { kind: 'picture', digest: sha256, width, height, alt: one.alt };
    }),
  );

async function fileOf({ mediaFolder }: Printing, written: string): Promise<string> {
  if (/^[a-z]+:/i.test(written))
    throw new Refusal(`the picture ${written.slice(0, 80)} is not a file of the media folder`);
  const file = join(mediaFolder, decodeURIComponent(written));
  const [real, root] = await Promise.all([
    realpath(file).catch(() => undefined),
    realpath(mediaFolder).catch(() => mediaFolder),
  ]);
  if (real === undefined)
    throw new Refusal(`the picture ${written.slice(0, 80)} is not in the media folder`);
  if (!real.startsWith(root + sep))
    throw new Refusal(`the picture ${written.slice(0, 80)} points outside the media folder`);
  return real;
}

/** The file of the media folder may change before the letter is printed again. */
async function keepPicture(printing: Printing, { path, digest }: { path: string; digest: string }) {
  await mkdir(join(printing.folder, 'pictures'), { recursive: true, mode: 0o700 });
  await writeWhole(pictureFile(printing.folder, digest), (temporary) => copyFile(path, temporary));
}
