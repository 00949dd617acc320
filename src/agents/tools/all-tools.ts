import { draftCreate, draftList, draftUpdate, preview } from './draft-tools.ts';
import { check, journal, plan, queue, stats, status } from './looking-tools.ts';
import { pause } from './pause-tool.ts';
import { explain, post } from './post-tools.ts';
import type { Tool } from './tool.ts';

/** All that an agent may do. Nothing here publishes, approves, resumes or moves anything. */
export const tools: readonly Tool[] = [
  status,
  queue,
  plan,
  post,
  explain,
  stats,
  journal,
  check,
  draftList,
  preview,
  draftCreate,
  draftUpdate,
  pause,
];
