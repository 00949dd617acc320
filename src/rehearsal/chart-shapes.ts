type Attributes = Record<string, string | number | undefined>;

/** An SVG element; numbers are rounded, undefined attributes left out. */
export function element(name: string, attributes: Attributes, content?: string): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${typeof value === 'number' ? round(value) : value}"`)
    .join('');
  return content === undefined ? `<${name}${written}/>` : `<${name}${written}>${content}</${name}>`;
}

const round = (n: number) => Number(n.toFixed(1));

export interface Label {
  x: number;
  y: number;
  size?: number;
  fill?: string;
  anchor?: 'start' | 'middle' | 'end';
  isBold?: boolean;
}

export function label(text: string, place: Label): string {
  const { x, y, size = 13, fill = '#334155', anchor = 'start', isBold = false } = place;
  const style = { 'font-size': size, fill, 'text-anchor': anchor };
  return element(
    'text',
    { x, y, ...style, 'font-weight': isBold ? '600' : undefined },
    escapeXml(text),
  );
}

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export const box = ({ x, y, width, height }: Box, fill: string): string =>
  element('rect', { x, y, width: Math.max(0, width), height: Math.max(0, height), fill });

export const dot = (cx: number, cy: number, style: { r: number; fill: string }): string =>
  element('circle', { cx, cy, ...style });

const escapeXml = (text: string) =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
