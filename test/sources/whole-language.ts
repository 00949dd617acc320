import { builtIn } from '../../src/core/people/wording/built-in.ts';
import type { Wording } from '../../src/core/people/wording/wording.ts';

/** Every text that there is, as a file in another language has it. */
export function wholeLanguage(change: (key: string, text: string) => string): string {
  const lines: string[] = [];
  const [english] = builtIn as [Wording];
  const say = (indent: string, key: string, value: unknown) => {
    const text =
      typeof value === 'function'
        ? String(value(key === 'reason' ? '{{title}}' : '{{titles}}'))
        : String(value);
    lines.push(`${indent}${key}: ${JSON.stringify(change(key, text.replaceAll('params.', '')))}`);
  };
  for (const [key, value] of Object.entries(english)) {
    if (key === 'lang') continue;
    if (typeof value !== 'object') say('', key, value);
    else {
      lines.push(`${key}:`);
      for (const [inner, one] of Object.entries(value)) say('  ', inner, one);
    }
  }
  return `${lines.join('\n')}\n`;
}
