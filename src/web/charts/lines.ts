import { html } from 'hono/html';
import type { Html } from '../parts/html.ts';
import { compact, type Frame, round, ticksFor } from './scale.ts';

export interface Line {
  name: string;
  /** Chooses the colour, and the pattern of the line. */
  index: number;
  points: { x: number; y: number }[];
}

export interface Lines {
  id: string;
  title: string;
  /** What the chart shows, in a sentence. */
  desc: string;
  lines: Line[];
  tellX: (x: number) => string;
}

const frame: Frame = { width: 720, height: 250, left: 44, right: 96, top: 14, bottom: 30 };

type Point = Line['points'][number];
type ToPlace = (point: Point) => [x: number, y: number];

/** Growing numbers. Each line ends with its name. */
export function drawLines({ id, title, desc, lines, tellX }: Lines): Html {
  const mostX = Math.max(1, ...lines.flatMap(({ points }) => points.map(({ x }) => x)));
  const ticks = ticksFor(Math.max(1, ...lines.flatMap(({ points }) => points.map(({ y }) => y))));
  const top = ticks.at(-1) ?? 1;
  const at: ToPlace = ({ x, y }) => [
    round(frame.left + ((frame.width - frame.left - frame.right) * x) / mostX),
    round(frame.top + (frame.height - frame.top - frame.bottom) * (1 - y / top)),
  ];
  const ends = spread(lines.map(({ points }) => at(points.at(-1) ?? { x: 0, y: 0 })[1]));
  const label = (x: number) =>
    html`<text x="${at({ x, y: 0 })[0]}" y="${frame.height - 8}" text-anchor="middle"
      >${tellX(x)}</text
    >`;
  return html`<svg
    class="chart"
    role="img"
    viewBox="0 0 ${frame.width} ${frame.height}"
    aria-labelledby="${id}-title ${id}-desc"
  >
    <title id="${id}-title">${title}</title>
    <desc id="${id}-desc">${desc}</desc>
    ${ticks.map((tick) => rule(tick, at({ x: 0, y: tick })[1]))}
    ${[0, 0.5, 1].map((share) => label(mostX * share))}
    ${lines.map((line, i) => drawLine(line, at, ends[i]))}
  </svg>`;
}

const rule = (tick: number, y: number): Html =>
  html`<line
      class="rule"
      x1="${frame.left}"
      x2="${frame.width - frame.right}"
      y1="${y}"
      y2="${y}"
    /><text x="${frame.left - 8}" y="${y + 4}" text-anchor="end">${compact(tick)}</text>`;

const dashes = ['', '7 4', '2 4', '9 3 2 3'];

/** `end`: the height of its name. */
function drawLine({ name, index, points }: Line, at: ToPlace, end: number | undefined): Html {
  const drawn = points.map(at);
  const last = drawn.at(-1) ?? [frame.left, frame.top];
  return html`<g class="series acc-${index % 6}">
    <polyline
      points="${drawn.map((point) => point.join()).join(' ')}"
      stroke-dasharray="${dashes[index % 4] ?? ''}"
    />
    ${drawn.map(([x, y]) => html`<circle cx="${x}" cy="${y}" r="2.6" />`)}
    <text class="name" x="${last[0] + 8}" y="${(end ?? last[1]) + 4}">${name}</text>
  </g>`;
}

/** Moves names apart that would overlap. */
function spread(ys: number[]): number[] {
  const order = ys.map((y, i) => ({ y, i })).sort((a, b) => a.y - b.y);
  const out = [...ys];
  let below = frame.height - frame.bottom;
  for (const { y, i } of order.toReversed()) {
    out[i] = Math.min(y, below);
    below = (out[i] ?? y) - 15;
  }
  return out;
}
