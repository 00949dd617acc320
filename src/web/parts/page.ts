import type { CommandContext } from '../../commands/command.ts';
import type { Html } from './html.ts';

export interface PageRequest {
  path: string;
  query: URLSearchParams;
  params: Record<string, string>;
  /** What the last action came to. */
  flash?: { text: string; undo?: boolean };
  /** Goes into every form. */
  csrf: string;
}

export interface PageResult {
  title: string;
  body: Html;
  /** Default 200. */
  status?: number;
}

export type MakePage = (context: CommandContext, request: PageRequest) => Promise<PageResult>;

export interface Page {
  /** A pattern of hono. */
  path: string;
  /** Its name in the navigation; absent: it is reached from other pages. */
  nav?: string;
  make: MakePage;
}
