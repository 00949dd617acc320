import { errorAt, type Problem } from '../../../core/problem.ts';
import type { LocatedYaml } from '../../../io/yaml.ts';
import type { FrontMatter } from '../front-matter.ts';
import { toPlainText } from '../../../io/markdown/markdown.ts';
import { textsOf } from '../people.ts';

/** A picture in a text that replaces the post's own on a network or an account. */
export interface OtherPicture {
  src: string;
  where: string;
}

interface Pictures {
  /** Those of the post itself. */
  own: { src: string }[];
  /** Those in files for some readers. */
  others: OtherPicture[];
}

/**
 * Pictures belong to the post: one that is written in another text alone would never be published.
 */
export function findLostPictures(
  value: FrontMatter,
  locate: LocatedYaml['locate'],
  { own, others }: Pictures,
): Problem[] {
  const known = new Set(own.map(({ src }) => src));
  const inFront = textsOf(value).flatMap(({ path, text }) =>
    toPlainText(text).images.map(({ src }) => ({ src, where: locate(path), kind: path[0] })),
  );
  const isSeries = ({ kind }: { kind: PropertyKey | undefined }) =>
    kind === 'followUps' || kind === 'evergreen';
  return [
    ...[...others, ...inFront.filter((one) => !isSeries(one))]
      .filter(({ src }) => !known.has(src))
      .map(({ src, where }) => {
        const what = `${src} is not a picture of the post`;
        return errorAt(where, what, 'list it under media, or write it into the text of the post');
      }),
    ...inFront.filter(isSeries).map(({ src, where, kind }) => {
      const [name, hint] =
        kind === 'evergreen'
          ? ['variant', 'each run has the pictures of the post: remove it here']
          : ['follow-up', 'put text and picture into a file of their own, and name it with post:'];
      return errorAt(where, `${src} cannot be published from the text of a ${name}`, hint);
    }),
  ];
}
