import { errorAt, type Problem } from '../../../core/problem.ts';

/** In a paragraph: what reads Markdown compares each of these marks with each other. */
const mostMarks = 400;
/** In a file. */
const mostInAll = 4000;
const deepest = 30;
const longestLine = 20_000;

const marks = /[*_~[\]`<&\\]/g;
const containers = /^(?:[ \t]*(?:>|[-+*](?=[ \t]|$)|\d{1,9}[.)](?=[ \t]|$)))+/;

interface Place {
  file: string;
  firstLine: number;
}

/**
 * A text that no author writes, and that would take Markdown minutes to read: it is refused before
 * that.
 */
export function findTangle(body: string, { file, firstLine }: Place): Problem[] {
  let [all, inParagraph] = [0, 0];
  for (const [i, line] of body.split('\n').entries()) {
    if (line.trim() === '') inParagraph = 0;
    const count = line.match(marks)?.length ?? 0;
    inParagraph += count;
    all += count;
    const what = whatIsTangled(line, { inParagraph, all });
    if (what !== undefined) return [errorAt(`${file}:${firstLine + i}:1`, ...what)];
  }
  return [];
}

function whatIsTangled(
  line: string,
  { inParagraph, all }: { inParagraph: number; all: number },
): [what: string, hint: string] | undefined {
  if (line.length > longestLine)
    return [
      `is a line of ${line.length} characters`,
      'is this a text? Remove it or break the line',
    ];
  if (inParagraph > mostMarks)
    return [
      `has more than ${mostMarks} signs of Markdown in a paragraph`,
      'remove some of * _ [ ] < &',
    ];
  if (all > mostInAll)
    return [`has more than ${mostInAll} signs of Markdown`, 'remove some of * _ [ ] < &'];
  return depthOf(line) > deepest
    ? ['is nested too deeply', `use at most ${deepest} quotes or lists in each other`]
    : undefined;
}

function depthOf(line: string): number {
  const head = containers.exec(line.slice(0, 2000))?.[0] ?? '';
  const signs = head.match(/>|[-+*]|\d+[.)]/g)?.length ?? 0;
  const indent = /^[ \t]*/.exec(line)?.[0].length ?? 0;
  return signs + (/^[ \t]*(?:[-+*>]|\d{1,9}[.)])/.test(line) ? indent / 2 : 0);
}
