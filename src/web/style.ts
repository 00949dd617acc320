import { baseStyle } from './styles/base.ts';
import { calendarStyle } from './styles/calendar.ts';
import { chartStyle } from './styles/charts.ts';
import { partsStyle } from './styles/parts.ts';
import { postStyle } from './styles/post.ts';

/** One look for light and dark; nothing from elsewhere. */
export const style = [baseStyle, partsStyle, calendarStyle, postStyle, chartStyle].join('\n').replaceAll(/\n\s*/g, '\n');
