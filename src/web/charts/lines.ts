import { html } from 'hono/html';
import type { Html } from '../parts/html.ts';
import { compact, type Frame, round, ticksFor } from './scale.ts';

export interface Line {
  name: string;
  /** Which colour; the shape of its points differs too. */
  index: number;
  points: { x: number; y: number }[];
}

export interface Lines {
  id: string;
  title: string;
  /** What one sees, in a sentence. */
  desc: string;
  lines: Line[];
  tellX: (x: number) => string;
}

const frame: Frame = { width: 720, height: 250, left: 44, right: 96, top: 14, bottom: 30 };

/** Numbers as they grow; each line ends with its name. */
export function drawLines({ id, title, desc, lines, tellX }: Lines): Html {
  const mostX = Math.max(1, ...lines.flatMap(({ points }) => points.map(({ x }) => x)));
  const ticks = ticksFor(Math.max(1, ...lines.flatMap(({ points }) => points.map(({ y }) => y))));
  const top = ticks.at(-1) ?? 1;
  const at = ({ x, y }: { x: number; y: number }): [number, number] => [
    round(frame.left + ((frame.width - frame.left - frame.right) * x) / mostX),
    round(frame.top + (frame.height - frame.top - frame.bottom) * (1 - y / top)),
  ];
  const ends = spread(lines.map(({ points }) => at(points.at(-1) ?? { x: 0, y: 0 })[1]));
  return html`<svg
    class="chart"
    role="img"
    viewBox="0 0 ${frame.width} ${frame.height}"
    aria-labelledby="${id}-title ${id}-desc"
  >
    <title id="${id}-title">${title}</title>
    <desc id="${id}-desc">${desc}</desc>
    ${ticks.map((tick) => {
      const [, y] = at({ x: 0, y: tick });
      return html`<line
          class="rule"
          x1="${frame.left}"
          x2="${frame.width - frame.right}"
          y1="${y}"
          y2="${y}"
        /><text x="${frame.left - 8}" y="${y + 4}" text-anchor="end">${compact(tick)}</text>`;
    })}
    ${[0, 0.5, 1].map((share) => html`<text x="${at({ x: mostX * share, y: 0 })[0]}" y="${frame.height - 8}" text-anchor="middle">${tellX(mostX * share)}</text>`)}
    ${lines.map(({ name, index, points }, i) => {
      const drawn = points.map(at);
      const last = drawn.at(-1) ?? [frame.left, frame.top];
      return html`<g class="series acc-${index % 6}">
        <polyline
          points="${drawn.map((point) => point.join()).join(' ')}"
          stroke-dasharray="${['', '7 4', '2 4', '9 3 2 3'][index % 4] ?? ''}"
        />
        ${drawn.map(([x, y]) => html`<circle cx="${x}" cy="${y}" r="2.6" />`)}
        <text class="name" x="${last[0] + 8}" y="${(ends[i] ?? last[1]) + 4}">${name}</text>
      </g>`;
    })}
  </svg>`;
}

/** Names that would stand on one another are moved apart. */
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
