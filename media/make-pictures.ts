// Draws the pictures of the sample posts. Run after a change here: node media/make-pictures.ts
// They contain no text, so that a machine without fonts draws the same; their alt texts describe
// them.
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import {
  amber,
  circle,
  deep,
  drop,
  element,
  frame,
  mint,
  plant,
  range,
  rect,
  sand,
  shape,
  soil,
  stroke,
  teal,
  width,
} from './drawing.ts';

const home = join(import.meta.dirname, '..');

/** A hose with a drop over each plant; the plants are larger where it has dripped longer. */
function drawDrip(): string {
  const places = range(5).map((i) => 150 + i * 225);
  return frame(mint, [
    circle({ cx: 1010, cy: 100, r: 62, fill: amber, opacity: 0.85 }),
    rect({ y: 520, width, height: 155, fill: soil }),
    shape(`M-10 210H${width + 10}`, { stroke: deep, 'stroke-width': 22 }),
    ...places.flatMap((x, i) => [
      rect({ x: x - 13, y: 206, width: 26, height: 34, rx: 8, fill: deep }),
      drop(x, 262, 36),
      element('ellipse', { cx: x, cy: 556, rx: 70, ry: 14, fill: deep, opacity: 0.18 }),
      plant(x, 540, 176 - i * 27),
    ]),
  ]);
}

interface Bars {
  y: number;
  fillOf: (day: number) => string;
  heightOf: (day: number) => number;
}

/** Four weeks of bars on a line. */
function drawWeeks({ y, fillOf, heightOf }: Bars): string {
  const bars = range(28).map((day) => {
    const x = 92 + day * 32 + Math.floor(day / 7) * 40;
    const tall = heightOf(day);
    return rect({ x, y: y - tall, width: 22, height: tall, rx: 6, fill: fillOf(day) });
  });
  const line = { stroke: deep, 'stroke-width': 3, opacity: 0.35 };
  return [...bars, shape(`M80 ${y + 14}H1120`, line)].join('');
}

/** Two rows of four weeks: everything at once and then nothing, and one each day. */
function drawCadence(): string {
  const burst = [0, 190, 150, 60, 0, 0, 0];
  const isWorkday = (day: number) => day % 7 < 5;
  return frame(sand, [
    drawWeeks({ y: 290, fillOf: () => amber, heightOf: (day) => burst[day] || 8 }),
    drawWeeks({
      y: 560,
      fillOf: (day) => (isWorkday(day) ? teal : '#b9d9d3'),
      heightOf: (day) => (isWorkday(day) ? 96 : 8),
    }),
  ]);
}

/** Points of a curve that grows towards `top`. */
const pointsOf = (top: number, speed: number): string[] =>
  range(61).map((i) => `${120 + i * 16} ${(560 - top * (1 - Math.exp(-i / speed))).toFixed(1)}`);

const joined = (points: string[]): string => `M${points.join('L')}`;

/** One curve for each post from its own first minute; one of them leaves the usual band. */
function drawMeasure(): string {
  const band = [...pointsOf(255, 13), ...pointsOf(130, 16).toReversed()];
  const grid = { stroke: deep, 'stroke-width': 2, opacity: 0.1 };
  const usual = { fill: 'none', stroke: teal, 'stroke-width': 5, opacity: 0.45 };
  return frame('#f2f7f6', [
    shape(`${joined(band)}Z`, { fill: mint }),
    ...range(4).map((i) => shape(`M120 ${160 + i * 100}H1080`, grid)),
    ...[150, 185, 210, 240].map((top, i) => shape(joined(pointsOf(top, 14 + i)), usual)),
    stroke(joined(pointsOf(440, 15)), amber, 9),
    circle({ cx: 1080, cy: (560 - 440 * (1 - Math.exp(-4))).toFixed(1), r: 15, fill: amber }),
    stroke('M120 100V560H1100', deep, 6),
  ]);
}

interface Card {
  x: number;
  y: number;
  opacity: number;
  accent: string;
}

function card({ x, y, opacity, accent }: Card): string {
  const paper = { fill: '#fff', stroke: deep, 'stroke-width': 5 };
  const lines = [138, 120, 76].map((length, i) =>
    rect({ x: 26, y: 136 + i * 26, width: length, height: 12, rx: 6, fill: deep, opacity: 0.3 }),
  );
  return element('g', { transform: `translate(${x} ${y})`, opacity }, [
    rect({ width: 190, height: 240, rx: 18, ...paper }),
    rect({ x: 26, y: 30, width: 138, height: 78, rx: 10, fill: accent }),
    ...lines,
  ]);
}

/** Cards in a row, the first one about to leave through a gap in the line. */
function drawQueue(): string {
  const accents = [soil, mint, teal, amber];
  const dotted = { 'stroke-linecap': 'round', 'stroke-dasharray': '2 22' };
  const leaving = card({ x: 950, y: 170, opacity: 1, accent: teal });
  const arrow = 'M975 470c34 26 90 26 128 -6m0 0l-8 30m8 -30l-30 4';
  return frame('#e8f1f0', [
    shape('M60 520H1140', { stroke: deep, 'stroke-width': 6, ...dotted }),
    ...accents.map((accent, i) => card({ x: 60 + i * 215, y: 240, opacity: 1 - i * 0.02, accent })),
    stroke('M915 190V520', deep, 10),
    element('g', { transform: 'rotate(5 1040 320)' }, [leaving]),
    element('g', { 'stroke-linejoin': 'round' }, [stroke(arrow, amber, 9)]),
  ]);
}

const pictures: Record<string, string> = {
  'media/drip.png': drawDrip(),
  'media/cadence.png': drawCadence(),
  'media/measure.png': drawMeasure(),
  'posts/samples/200-what-a-queue-is-for/queue.png': drawQueue(),
};
for (const [path, svg] of Object.entries(pictures)) {
  await mkdir(dirname(join(home, path)), { recursive: true });
  await sharp(Buffer.from(svg))
    .png({ palette: true, compressionLevel: 9 })
    .toFile(join(home, path));
}
