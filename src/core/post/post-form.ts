/** A rule of a follow-up, in the words of its file. */
export interface RuleForm {
  /** Absent: `otherwise`. */
  when?: string;
  after?: string;
  within?: string;
  as?: 'reply' | 'quote' | 'repost' | 'post';
  /** Absent: a repost, or another file. */
  text?: string;
}

/**
 * What people set of a post, in the words of its file: durations, dates and names are not read yet.
 * An absent value is not in the file.
 */
export interface PostForm {
  /** Markdown, with lines of `---` between the parts. */
  body: string;
  title?: string;
  /** Networks or accounts; absent: all. */
  networks?: string[];
  /** A date, or a date and time. */
  date?: string;
  queue?: string;
  campaign?: string;
  link?: string;
  hashtags?: string[];
  /** Content warning. */
  cw?: string;
  lang?: string;
  thread?: 'manual' | 'auto' | 'off';
  approval?: 'required' | 'none';
  draft?: boolean;
  together?: boolean;
  /** `transcode`: ffmpeg may make it fit. */
  media?: { src: string; alt: string; transcode?: true }[];
  followUps?: RuleForm[];
  evergreen?: { every?: string; times?: number; variants?: string[] };
}

/** The values of front matter that differ, by key; undefined: the key goes. */
export function changesOf(before: PostForm, after: PostForm): Record<string, unknown> {
  const { body: _was, ...old } = before;
  const { body: _is, ...now } = after;
  const changes: Record<string, unknown> = {};
  for (const key of new Set([...Object.keys(old), ...Object.keys(now)]) as Set<keyof typeof now>)
    if (JSON.stringify(old[key]) !== JSON.stringify(now[key])) changes[key] = now[key];
  return changes;
}
