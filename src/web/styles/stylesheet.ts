import { baseStyle } from './base-style.ts';
import { calendarStyle } from './calendar-style.ts';
import { chartStyle } from './chart-style.ts';
import { connectStyle } from './connect-style.ts';
import { composeStyle } from './compose-style.ts';
import { partsStyle } from './part-style.ts';
import { peopleStyle } from './people-style.ts';
import { postStyle } from './post-style.ts';
import { queueStyle } from './queue-style.ts';

const parts = [baseStyle, partsStyle, calendarStyle, postStyle, queueStyle, chartStyle];

/** One style for light and dark. It loads nothing from other sites. */
export const style = [...parts, composeStyle, connectStyle, peopleStyle]
  .join('\n')
  .replaceAll(/\n\s*/g, '\n');
