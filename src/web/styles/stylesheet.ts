import { baseStyle } from './base-style.ts';
import { calendarStyle } from './calendar-style.ts';
import { chartStyle } from './chart-style.ts';
import { partsStyle } from './part-style.ts';
import { postStyle } from './post-style.ts';

/** One look for light and dark; nothing from elsewhere. */
export const style = [baseStyle, partsStyle, calendarStyle, postStyle, chartStyle]
  .join('\n')
  .replaceAll(/\n\s*/g, '\n');
