import { weekdays } from '../../core/time.ts';

const blocks = [...'▁▂▃▄▅▆▇█'];

/** One block for each number, the highest block for the largest; a dot for an unknown number. */
export function drawBars(
  values: readonly (number | undefined)[],
  { from = 0, to = Math.max(...values.map((one) => one ?? 0)) } = {},
): string {
  const step = (value: number) =>
    Math.min(
      blocks.length - 1,
      Math.max(0, Math.floor(((value - from) / (to - from || 1)) * blocks.length)),
    );
  return values.map((one) => (one === undefined ? '·' : (blocks[step(one)] ?? ''))).join('');
}

/** Groups of neighbours, at most this many. */
export function inGroups<T>(all: readonly T[], most: number): T[][] {
  const size = Math.ceil(all.length / most) || 1;
  return Array.from({ length: Math.ceil(all.length / size) }, (_, i) =>
    all.slice(i * size, (i + 1) * size),
  );
}

/** Seven lines of 24 hours under their heading. */
export function drawWeek(hours: readonly number[]): string[] {
  const scale = { from: Math.min(...hours), to: Math.max(...hours) };
  const head = `    ${['0', '6', '12', '18'].map((hour) => hour.padEnd(6)).join('')}`.trimEnd();
  return [
    head,
    ...weekdays.map(
      (weekday, i) => `${weekday} ${drawBars(hours.slice(i * 24, (i + 1) * 24), scale)}`,
    ),
  ];
}

/** Lines of at most this many columns, all but the first indented. */
export function wrap(text: string, indent = '', width = 100): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const before = lines.length ? `${indent}  ` : indent;
    if (line !== '' && before.length + line.length + 1 + word.length > width) {
      lines.push(before + line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, `${lines.length ? `${indent}  ` : indent}${line}`];
}
