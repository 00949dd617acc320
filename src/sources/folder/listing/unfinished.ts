import { fromMarkdown } from 'mdast-util-from-markdown';
import { errorAt, type Problem } from '../../../core/problem.ts';
import { splitParts } from '../../../io/markdown/markdown.ts';
import { findDraftMark } from './draft-marks.ts';

interface Place {
  file: string;
  /** The file's line on which the text begins. */
  firstLine: number;
}

/**
 * Text that its author has not finished: a merge with conflicts, a comment that hides nothing since
 * it is not closed in its part, or a draft that is marked as one in the wrong place.
 */
export function findUnfinished(body: string, place: Place): Problem[] {
  const lines = body.split('\n');
  return [
    findConflict(lines, place),
    findOpenComment(body, place),
    findDraftMark(body, place),
  ].filter((problem) => problem !== undefined);
}

function findConflict(lines: string[], { file, firstLine }: Place): Problem | undefined {
  const start = lines.findIndex((line) => /^<{7}(?:\s|$)/.test(line));
  const end = lines.findLastIndex((line) => /^>{7}(?:\s|$)/.test(line));
  if (start < 0 || end < start) return undefined;
  const where = `${file}:${firstLine + start}:1`;
  return errorAt(where, 'holds a merge conflict', 'keep one of the two versions');
}

function findOpenComment(body: string, { file, firstLine }: Place): Problem | undefined {
  for (const part of splitParts(body)) {
    const at = part.includes('<!--') ? offsetOfOpen(part) : undefined;
    if (at === undefined) continue;
    const before = body.slice(0, body.indexOf(part) + at).split('\n');
    return errorAt(
      `${file}:${firstLine + before.length - 1}:${(before.at(-1)?.length ?? 0) + 1}`,
      'a comment is not closed',
      'end it with --> in the same part of the thread',
    );
  }
  return undefined;
}

type Node = ReturnType<typeof fromMarkdown> | ReturnType<typeof fromMarkdown>['children'][number];

/** Comments in code are text. */
function offsetOfOpen(part: string): number | undefined {
  const nodes: Node[] = [fromMarkdown(part)];
  for (let node = nodes.pop(); node; node = nodes.pop()) {
    if ('children' in node) nodes.push(...node.children.toReversed());
    const from = node.position?.start.offset ?? 0;
    if (node.type !== 'html' && node.type !== 'text') continue;
    const source = part.slice(from, node.position?.end.offset);
    const open = source.lastIndexOf('<!--');
    const isOpen = open >= 0 && source[open - 1] !== '\\' && !source.includes('-->', open);
    if (isOpen) return from + open;
  }
  return undefined;
}
