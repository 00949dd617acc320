import { z } from 'zod';
import type { PostForm } from '../../core/post/post-form.ts';
import { pickDefined } from '../../core/pick-defined.ts';

const line = (most: number) =>
  z
    .string()
    .min(1)
    .max(most)
    .regex(/^[^\r\n]*$/, 'must be one line');

const rule = z.strictObject({
  when: line(300).optional().describe('likes >= 20; absent: otherwise'),
  after: line(20).optional().describe('24h: when the numbers are looked at'),
  within: line(20).optional().describe('7d: how long it may wait for the numbers'),
  as: z.enum(['reply', 'quote', 'repost', 'post']).optional(),
  text: z.string().max(5000).optional(),
});

/** What an agent may set of a draft: neither approval nor whether it is a draft. */
export const draftSchema = z.strictObject({
  body: z.string().max(20_000).describe('Markdown. A line of --- begins the next part of a thread'),
  title: line(200).optional().describe('Not published; names the file'),
  networks: z
    .array(line(60))
    .min(1)
    .max(20)
    .optional()
    .describe('Networks or accounts; absent: all'),
  date: line(40).optional().describe('2026-12-01, or 2026-12-01 09:00: pins it to then'),
  queue: line(60).optional(),
  campaign: line(60).optional(),
  link: line(2000).optional().describe('The address that the link card shows'),
  hashtags: z.array(line(60)).max(30).optional(),
  cw: line(500).optional().describe('Content warning'),
  lang: line(20).optional().describe('en, de, pt-BR'),
  thread: z.enum(['manual', 'auto', 'off']).optional(),
  followUps: z.array(rule).max(10).optional(),
});

type DraftWords = z.output<typeof draftSchema>;
type SomeWords = { [K in keyof DraftWords]?: DraftWords[K] | undefined };

/** Whatever an agent writes waits for a person, after it has left the drafts too. */
export const toForm = ({ followUps, body, ...words }: SomeWords): Partial<PostForm> =>
  pickDefined({
    ...words,
    body: body?.trimEnd(),
    followUps: followUps?.map((one) => pickDefined(one)),
    approval: 'required' as const,
  });
