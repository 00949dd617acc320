import type { Post } from '../core/post/post.ts';
import type { Problem } from '../core/problem.ts';
import type { Instant } from '../core/time.ts';
import type { Images } from './images.ts';
import type { PostForm } from '../core/post/post-form.ts';

/** A text file of the posts folder, as it is on the disk. */
export interface PostText {
  /** Below the posts folder, with slashes. A draft's begins with `drafts/`. */
  path: string;
  text: string;
  /** Of its bytes: what a later save says that it has seen. */
  hash: string;
}

export interface Draft {
  path: string;
  /** When it was last written. */
  at: Instant;
}

/** What a text would be as a post. */
export interface Parsed {
  /** Absent: it has errors. */
  post?: Post;
  problems: Problem[];
}

/** The form's values as the file has them. */
export interface ReadForm {
  form: PostForm;
  /** Keys that are written in a way that only a text editor can change. */
  asWritten: string[];
}

export type Saved =
  | { kind: 'saved'; file: PostText }
  /** Somebody else has changed it since it was read; absent: it is gone. Nothing was written. */
  | { kind: 'conflict'; now?: PostText };

/**
 * The posts folder, for whoever writes in it for a person. Files are written whole or not at all. A
 * Refusal says what cannot be done and why: no such file, not in the folder, too large, read-only,
 * a name that is taken.
 */
export interface PostFiles {
  /** What messages call the folder: `posts`. */
  label: string;
  /** Where files lie that are being sent, with room for videos. */
  asideFolder: string;
  /** Why nothing can be written; absent: it can. */
  whyClosed(): Promise<Problem | undefined>;
  /** Those of `drafts/`, the newest first. */
  listDrafts(): Promise<Draft[]>;
  /**
   * Also where the draft has become a folder, or a post: by what is known of its move, or because
   * the text has the hash `base`. Another post of that name is never taken for it.
   */
  read(path: string, base?: string): Promise<PostText | undefined>;
  readForm(file: PostText): ReadForm;
  /** The text with what differs between the two forms. */
  change(file: PostText, forms: { before: PostForm; after: PostForm }): string;
  /** The text that was typed, with the line ends and the byte order mark of the file. */
  rewrite(file: PostText, typed: string): string;
  /** In a file of its own that is named after the day and `name`. */
  createDraft(wanted: NewDraft): Promise<PostText>;
  /** `base`: the hash of what the person has seen. */
  save(path: string, wanted: { text: string; base: string }): Promise<Saved>;
  /** The same of a draft only: one that is a post by now is a conflict. */
  saveDraft(path: string, wanted: { text: string; base: string }): Promise<Saved>;
  /** Out of `drafts/`, and without `draft: true`: from then on it is a post. */
  publish(path: string, base: string): Promise<Saved>;
  /** A draft only, with its pictures. */
  discard(path: string, base: string): Promise<Saved>;
  /** What a person has typed and not saved, of a post that may go out: nothing reads it. */
  keepUnfinished(path: string, typed: Unfinished): Promise<void>;
  readUnfinished(path: string): Promise<Unfinished | undefined>;
  dropUnfinished(path: string): Promise<void>;
  /** Beside the post where it has a folder of its own, else in `media/`. Gives its `src`. */
  addPicture(path: string, picture: { name: string; file: string }): Promise<AddedPicture>;
  /** The path of a picture or video that the text names; undefined: there is none. */
  findPicture(path: string, src: string): Promise<string | undefined>;
  parse(file: Pick<PostText, 'path' | 'text'>): Promise<Parsed>;
  whyUnfit: Images['whyUnfit'];
}

export interface Unfinished {
  text: string;
  /** The hash of the file that was being changed. */
  base: string;
  at: Instant;
}

export interface NewDraft {
  name: string;
  text: string;
  at: Instant;
  /** Whether a post has this id, or had it. */
  isTaken(id: string): Promise<boolean>;
}

export interface AddedPicture {
  src: string;
  /** A draft with a picture is a folder: its text may have moved. */
  path: string;
}
