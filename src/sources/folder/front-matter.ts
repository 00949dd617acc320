import { z } from 'zod';
import { byNetwork, networks } from '../../core/network/network.ts';
import { errorAt, hasErrors, type Problem } from '../../core/problem.ts';
import { isZone, parseDuration, parseLocalTime } from '../../core/time.ts';
import { type LocatedYaml, parseYaml } from '../../io/yaml.ts';
import { toProblems } from '../../io/yaml-problems.ts';

const text = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const duration = z
  .string({ error: 'not a duration | write it as 90m, 2h or 3d' })
  .refine((value) => parseDuration(value) !== undefined, {
    error: 'not a duration | write it as 90m, 2h or 3d',
  })
  .transform((value) => parseDuration(value) ?? 0);
const when = z
  .string({ error: 'not a date | write 2026-11-24 or "2026-11-24 09:30"' })
  .refine((value) => parseLocalTime(value) !== undefined, {
    error: 'not a date | write 2026-11-24 or "2026-11-24 09:30"',
  });
const list = <T extends z.ZodType>(item: T) =>
  z.union([z.array(item), item.transform((one) => [one])]);
const zone = z
  .string()
  .refine(isZone, { error: 'unknown time zone | use an IANA name such as Europe/Berlin' });

const media = z.union([
  z.string().transform((src) => ({ src, alt: '' })),
  z.strictObject({
    src: z.string().min(1),
    alt: text.optional().transform((alt) => alt ?? ''),
    focus: z.tuple([z.number().min(-1).max(1), z.number().min(-1).max(1)]).optional(),
    transcode: z
      .boolean()
      .optional()
      .transform((is) => is || undefined),
  }),
]);

const override = z.strictObject({
  text: text.optional(),
  skip: z.boolean().optional(),
  labels: z.array(z.string()).optional(),
  visibility: z.enum(['public', 'unlisted', 'private', 'direct']).optional(),
});

const followUpShape = {
  when: z.string().min(1).optional(),
  otherwise: z.literal(true).optional(),
  after: duration.optional(),
  within: duration.optional(),
  as: z.enum(['reply', 'quote', 'repost', 'post']).default('post'),
  else: z.enum(['post', 'skip']).optional(),
  text: text.optional(),
  post: z.string().optional(),
};
export type FollowUpRule = z.output<z.ZodObject<typeof followUpShape>> & {
  followUps?: FollowUpRule[] | undefined;
};
const followUp: z.ZodType<FollowUpRule> = z
  .strictObject({ ...followUpShape, followUps: z.lazy(() => z.array(followUp)).optional() })
  .refine((rule) => (rule.when === undefined) !== (rule.otherwise === undefined), {
    error: 'needs either "when" or "otherwise" | the last rule may be otherwise: true',
  })
  .refine(
    (rule) => rule.as === 'repost' || (rule.text === undefined) !== (rule.post === undefined),
    {
      error:
        'needs either "text" or "post" | text is the follow-up itself, post names another file',
    },
  );

/** As networks link it: blanks and hyphens are closed up. */
const hashtag = text
  .transform((tag) => tag.replace(/^\s*#/, '').replaceAll(/[\s-]+/g, ''))
  .refine((tag) => /^[\p{L}\p{M}\p{N}_]*\p{L}[\p{L}\p{M}\p{N}_]*$/u.test(tag), {
    error: 'no network would link this hashtag | use letters, digits and _, one letter at least',
  });
/** `"#spring #sale"` are two. */
const hashtags = z.preprocess(
  (value) =>
    typeof value === 'string' && /^\s*#\S+(?:[\s,]+#\S+)+\s*$/.test(value)
      ? value.trim().split(/[\s,]+/)
      : value,
  list(hashtag),
);

export const frontMatter = z.strictObject({
  id: z
    .string()
    .regex(/^[a-z0-9_][a-z0-9_-]*$/, 'not an id | lower-case letters, digits, - and _')
    .optional(),
  title: text.optional(),
  draft: z.boolean().optional(),
  networks: list(z.string()).optional(),
  campaign: z.string().optional(),
  queue: z.string().optional(),
  date: when.optional(),
  timezone: zone.optional(),
  notBefore: when.optional(),
  expires: when.optional(),
  weight: z.number().int().min(-1_000_000).max(1_000_000).optional(),
  approval: z
    .union([z.enum(['required', 'none']).transform((value) => value === 'required'), z.boolean()])
    .optional(),
  together: z.boolean().optional(),
  hashtags: hashtags.optional(),
  link: z.url({ protocol: /^https?$/, error: 'not a link | it begins with https://' }).optional(),
  card: z.boolean().optional(),
  media: list(media).optional(),
  lang: z
    .string()
    .regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, 'not a language | such as en or pt-BR')
    .optional(),
  cw: text.optional(),
  thread: z.enum(['manual', 'auto', 'off']).optional(),
  ...byNetwork(() => override.optional()),
  after: z
    .union([
      z.string().transform((post) => ({ post, delay: 0 })),
      z.strictObject({ post: z.string(), delay: duration.default(0) }),
    ])
    .optional(),
  followUps: z.array(followUp).optional(),
  evergreen: z
    .strictObject({
      every: duration,
      times: z.number().int().min(1).optional(),
      until: when.optional(),
      variants: z.array(text).default([]),
    })
    .optional(),
  params: z.record(z.string(), text).optional(),
});
export type FrontMatter = z.output<typeof frontMatter>;

const keys = Object.keys(frontMatter.shape);
const nestedKeys: Record<string, string[]> = {
  ...byNetwork(() => Object.keys(override.shape)),
  media: ['src', 'alt', 'focus', 'transcode'],
  after: ['post', 'delay'],
  evergreen: ['every', 'times', 'until', 'variants'],
  followUps: [...Object.keys(followUpShape), 'followUps'],
};

/** Keys of site generators that have the meaning of one of ours. */
const aliases = new Map([
  ['publishDate', 'notBefore'],
  ['expiryDate', 'expires'],
  ['pubDate', 'date'],
  ['platforms', 'networks'],
  ['tags', 'hashtags'],
]);
/** Other names of a key, as files may spell it. */
export const aliasesOf = (key: string): string[] =>
  [...aliases].filter(([, name]) => name === key).map(([alias]) => alias);

const ignored = new Set([
  'layout',
  'aliases',
  'cssclasses',
  'author',
  'description',
  'slug',
  'categories',
  'permalink',
  'lastmod',
]);

/** Keys of other tools that have no meaning here, and what to write instead. */
const instead = new Map([
  ['published', 'write draft: true for a draft, and nothing for a post'],
  ['status', 'write draft: true for a draft, and nothing for a post'],
  ...['schedule', 'scheduled', 'scheduledAt', 'publishAt', 'publish_at', 'datetime', 'time'].map(
    (key): [string, string] => [key, 'write date: "2026-11-24 09:30"'],
  ),
  ...['text', 'body', 'content', 'message'].map((key): [string, string] => [
    key,
    'write the text below the front matter',
  ]),
  ...['image', 'images', 'photo', 'picture'].map((key): [string, string] => [
    key,
    'write media: name.jpg',
  ]),
]);

export interface ReadFrontMatter {
  value?: FrontMatter;
  problems: Problem[];
  locate: LocatedYaml['locate'];
}

interface Layer {
  yaml: LocatedYaml;
  raw: Record<string, unknown>;
  /** Where a key of `raw` stands in the file, when it was written otherwise. */
  written: Map<string, string[]>;
  problems: Problem[];
}

interface LayerText {
  text: string;
  file: string;
  /** The file's line on which the text begins. */
  firstLine: number;
}

/** Reads front matter over the defaults of its folders, the farthest first. */
export function readFrontMatter(
  front: LayerText,
  defaults: { text: string; file: string }[],
): ReadFrontMatter {
  const layers = [...defaults.map((one) => ({ ...one, firstLine: 1 })), front].map(readLayer);
  const problems = layers.flatMap((layer) => layer.problems);
  const locate: LocatedYaml['locate'] = (path, at) => {
    const layer =
      layers.findLast(({ raw }) => Object.hasOwn(raw, String(path[0]))) ?? layers.at(-1);
    return layer?.yaml.locate(asWritten(path, layer), at) ?? front.file;
  };
  if (hasErrors(problems)) return { problems, locate };
  const merged = layers.reduce<Record<string, unknown>>((below, { raw }) => merge(below, raw), {});
  const parsed = frontMatter.safeParse(merged);
  if (parsed.success) return { value: parsed.data, problems, locate };
  const yaml: LocatedYaml = { value: merged, problems: [], locate };
  const keysAt = (path: readonly PropertyKey[]) =>
    path.length ? (Object.entries(nestedKeys).find(([key]) => key === path[0])?.[1] ?? []) : keys;
  return { problems: [...problems, ...toProblems(parsed.error, yaml, keysAt)], locate };
}

/** The path of a value in its file, where aliases and dotted keys differ from the schema's path. */
function asWritten(path: readonly PropertyKey[], { written }: Layer): readonly PropertyKey[] {
  const [first, second] = path.map(String);
  const dotted = written.get(`${first}.${second}`);
  if (dotted) return [...dotted, ...path.slice(2)];
  const alias = written.get(first ?? '');
  return alias ? [...alias, ...path.slice(1)] : path;
}

function readLayer({ text: source, file, firstLine }: LayerText): Layer {
  const yaml = parseYaml(source, { file, firstLine, isText });
  const layer: Layer = { yaml, raw: {}, written: new Map(), problems: [...yaml.problems] };
  if (yaml.problems.length || yaml.value === null || yaml.value === undefined) return layer;
  if (isPlain(yaml.value))
    for (const [key, value] of Object.entries(yaml.value)) takeKey(layer, key, value);
  else
    layer.problems.push(
      errorAt(
        yaml.locate([]),
        'the front matter is not a list of keys',
        'write one "key: value" on each line',
      ),
    );
  return layer;
}

/** Keys whose values are numbers, or true and false. */
const notText = new Set(
  'draft published weight approval together card skip otherwise times focus transcode'.split(' '),
);

/** All other values are words of the author, who wants to see `1.10` and `007` as they are. */
function isText(path: readonly string[]): boolean {
  const steps = path.flatMap((key, i) => (i === 0 ? key.split('.') : [key]));
  return steps[0] === 'params' || !notText.has(steps.at(-1) ?? '');
}

/** Keys that may be written with a dot: `x.text`. */
const dottable: readonly string[] = [...networks, 'params', 'evergreen', 'after'];

function takeKey(layer: Layer, key: string, value: unknown) {
  const { raw, written } = layer;
  if (ignored.has(key)) {
    layer.problems.push({
      where: layer.yaml.locate([key], 'key'),
      what: `"${key}" belongs to a site generator and is ignored`,
      severity: 'note',
    });
    return;
  }
  const hint = instead.get(key);
  if (hint !== undefined) {
    const what = `unknown key "${key}"`;
    layer.problems.push(errorAt(layer.yaml.locate([key], 'key'), what, hint));
    return;
  }
  if (key === '__proto__') {
    layer.problems.push(
      errorAt(layer.yaml.locate([key], 'key'), `unknown key "${key}"`, 'remove it'),
    );
    return;
  }
  if (value === null) return;
  const [outer, inner] = key.split('.');
  if (outer && inner && dottable.includes(outer)) {
    raw[outer] = { ...(raw[outer] as object | undefined), [inner]: value };
    written.set(`${outer}.${inner}`, [key]);
    if (!written.has(outer)) written.set(outer, [key]);
    return;
  }
  const name = aliases.get(key) ?? key;
  if (name !== key) {
    if (Object.hasOwn(raw, name)) return;
    written.set(name, [key]);
  }
  raw[name] = value;
}

function merge(
  below: Record<string, unknown>,
  above: Record<string, unknown>,
): Record<string, unknown> {
  const merged = { ...below };
  for (const [key, value] of Object.entries(above)) {
    const old = Object.hasOwn(below, key) ? below[key] : undefined;
    merged[key] = isPlain(value) && isPlain(old) ? { ...old, ...value } : value;
  }
  return merged;
}

const isPlain = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
