import type { CommandContext } from '../../commands/command.ts';
import type { Html } from './html.ts';

export interface PageRequest {
  path: string;
  query: URLSearchParams;
  params: Record<string, string>;
  /** The result of the last action. */
  flash?: { text: string; undo?: boolean };
  /** For every form. */
  csrf: string;
}

export interface PageResult {
  title: string;
  body: Html;
  /** Default 200. */
  status?: number;
  /** A script of its own, in place of the one that shows what changes: people type here. */
  script?: string;
}

export type MakePage = (context: CommandContext, request: PageRequest) => Promise<PageResult>;

export interface Page {
  /** A path pattern of Hono. */
  path: string;
  /** Its name in the navigation. Absent: other pages link to it. */
  nav?: string;
  /** Whether the navigation shows it; absent: always. */
  isShown?: (context: CommandContext) => Promise<boolean>;
  make: MakePage;
}
