import { baseStyle } from './styles/base.ts';
import { partsStyle } from './styles/parts.ts';

/** One look for light and dark; nothing from elsewhere. */
export const style = [baseStyle, partsStyle].join('\n').replaceAll(/\n\s*/g, '\n');
