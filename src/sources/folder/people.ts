import { networks } from '../../core/network/network.ts';
import { peopleIn, unknownPerson } from '../../core/post/fill-in.ts';
import { errorAt, type Problem } from '../../core/problem.ts';
import type { LocatedYaml } from '../../io/yaml.ts';
import type { FollowUpRule, FrontMatter } from './front-matter.ts';
import { toPlainText } from '../../io/markdown/markdown.ts';

/** A text of a post, with its source. */
export interface WrittenText {
  parts: string[];
  source: string;
  file: string;
  /** The file's line on which the source begins. */
  firstLine: number;
}

/** Each `{{@name}}` of which the configuration has no person. */
export function findUnknownPeople({ parts, ...place }: WrittenText, known: string[]): Problem[] {
  const unknown = new Set(parts.flatMap(peopleIn).filter((name) => !known.includes(name)));
  return [...unknown].map((name) => tell(name, placeOf(name, place), known));
}

const tell = (name: string, where: string, known: string[]) =>
  errorAt(where, `{{@${name}}} is unknown`, unknownPerson(name, known));

function placeOf(name: string, { source, file, firstLine }: Omit<WrittenText, 'parts'>): string {
  const found = [...source.matchAll(/(?<!\\)\{\{\s*@([^{}\n]*)\}\}/g)];
  const at = found.find(([, one = '']) => one.trim() === name)?.index ?? 0;
  const before = source.slice(0, at).split('\n');
  return `${file}:${firstLine + before.length - 1}:${(before.at(-1)?.length ?? 0) + 1}`;
}

/** The same in the texts of the front matter. */
export function findUnknownPeopleIn(
  value: FrontMatter,
  locate: LocatedYaml['locate'],
  known: string[],
): Problem[] {
  return textsOf(value).flatMap(({ path, text }) =>
    peopleIn(toPlainText(text).text)
      .filter((name) => !known.includes(name))
      .map((name) => tell(name, locate(path), known)),
  );
}

interface Text {
  path: PropertyKey[];
  text: string;
}

/** The texts in front matter that are published. */
export function textsOf(value: FrontMatter): Text[] {
  const own = networks.map((network) => ({
    path: [network, 'text'],
    text: value[network]?.text,
  }));
  const variants = (value.evergreen?.variants ?? []).map((text, i) => ({
    path: ['evergreen', 'variants', i],
    text,
  }));
  return [...own, ...variants, ...ruleTexts(value.followUps ?? [], ['followUps'])].filter(
    (one): one is Text => one.text !== undefined,
  );
}

const ruleTexts = (
  rules: FollowUpRule[],
  path: PropertyKey[],
): { path: PropertyKey[]; text: string | undefined }[] =>
  rules.flatMap(({ text, followUps = [] }, i) => [
    { path: [...path, i, 'text'], text },
    ...ruleTexts(followUps, [...path, i, 'followUps']),
  ]);
