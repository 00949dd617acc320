// What the pictures of the sample posts are drawn with.
export const [width, height] = [1200, 675];
export const deep = '#0b3b3a';
export const teal = '#0b7a75';
export const mint = '#d7f5ef';
export const sand = '#fbf6ea';
export const amber = '#e9a23b';
export const soil = '#c9a477';

export const range = (count: number) => Array.from({ length: count }, (_, i) => i);

type Attributes = Record<string, string | number>;

export function element(name: string, attributes: Attributes, content: string[] = []): string {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${value}"`);
  return `<${name}${written.join('')}>${content.join('')}</${name}>`;
}

export const rect = (attributes: Attributes) => element('rect', attributes);
export const circle = (attributes: Attributes) => element('circle', attributes);
export const shape = (d: string, attributes: Attributes) => element('path', { d, ...attributes });

/** An open line with round ends. */
export const stroke = (d: string, colour: string, size: number) =>
  shape(d, { fill: 'none', stroke: colour, 'stroke-width': size, 'stroke-linecap': 'round' });

export function frame(background: string, drawing: string[]): string {
  const size = { width, height };
  const view = { xmlns: 'http://www.w3.org/2000/svg', viewBox: `0 0 ${width} ${height}` };
  return element('svg', { ...view, ...size }, [rect({ ...size, fill: background }), ...drawing]);
}

const dropShape = 'M0 0C30 42 48 64 48 92A48 48 0 0 1 -48 92C-48 64 -30 42 0 0Z';

/** Its tip is at x, y. */
export const drop = (x: number, y: number, size: number): string =>
  shape(dropShape, { transform: `translate(${x} ${y}) scale(${size / 100})`, fill: teal });

const leafShape = 'M0 0C18 -34 58 -40 84 -34C78 -8 44 12 0 0Z';

export function plant(x: number, ground: number, tall: number): string {
  const leaf = (side: number, up: number, size: number) => {
    const transform = `translate(${x} ${ground - up}) scale(${side * size} ${size})`;
    return shape(leafShape, { transform, fill: teal });
  };
  return [
    stroke(`M${x} ${ground}V${ground - tall}`, deep, 9),
    leaf(1, tall * 0.35, tall / 200),
    leaf(-1, tall * 0.6, tall / 190),
    leaf(1, tall * 0.95, tall / 210),
    leaf(-1, tall, tall / 230),
  ].join('');
}
