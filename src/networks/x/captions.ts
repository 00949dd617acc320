const cueTiming = /^((?:\d+:)?\d\d:\d\d[.,]\d{3})\s+-->\s+((?:\d+:)?\d\d:\d\d[.,]\d{3})/;
const entities: Record<string, string> = {
  amp: '&',
  lt: '<',
  gt: '>',
  nbsp: '\u00a0',
  lrm: '\u200e',
  rlm: '\u200f',
};

/** WebVTT as SubRip, which is what X takes: cues in order, without places and styles. */
export function toSubRip(text: string): string {
  const cues: string[] = [];
  const blocks = text
    .replace(/^\uFEFF/, '')
    .replace(/\r\n?/g, '\n')
    .split(/\n{2,}/);
  for (const block of blocks) {
    const lines = block.split('\n');
    const at = lines.slice(0, 2).findIndex((line) => cueTiming.test(line));
    const [, from = '', to = ''] = cueTiming.exec(lines[at] ?? '') ?? [];
    const words = toPlain(lines.slice(at + 1).join('\n')).trim();
    if (at < 0 || words === '') continue;
    cues.push(`${cues.length + 1}\n${toTime(from)} --> ${toTime(to)}\n${words}\n`);
  }
  return cues.join('\n');
}

const toTime = (time: string) =>
  (time.split(':').length === 2 ? `00:${time}` : time).replace('.', ',');

const toPlain = (words: string) =>
  words
    .replace(/<[^<>]*>/g, '')
    .replace(/&(amp|lt|gt|nbsp|lrm|rlm);/g, (_, name: string) => entities[name] ?? '');
