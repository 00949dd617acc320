import type { LetterFormat } from './letter-format.ts';

export interface Run {
  text: string;
  bold?: true;
  italic?: true;
}

export type Block =
  | { kind: 'heading' | 'paragraph' | 'quote' | 'code'; runs: Run[] }
  | { kind: 'item'; depth: number; mark: string; runs: Run[] }
  | { kind: 'rule' }
  /** A file of the letters' folder, by its digest. */
  | { kind: 'picture'; digest: string; width: number; height: number; alt: string };

/** A letter as it will be printed: everything that decides what is on the page, frozen. */
export interface Letter {
  format: LetterFormat;
  lang: string;
  sender: string;
  /** As they are seen through the window. */
  address: string[];
  country: string;
  postcode: string;
  date: string;
  subject?: string;
  blocks: Block[];
  /** The link that the person can scan. */
  link?: string;
  /** Why it comes, and how it ends. */
  foot: string[];
}
