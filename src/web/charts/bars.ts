import { html } from 'hono/html';
import type { Html } from '../parts/html.ts';
import { compact, type Frame, round, ticksFor } from './scale.ts';

export interface Bars {
  id: string;
  title: string;
  desc: string;
  bars: Bar[];
}

interface Bar {
  label: string;
  /** Undefined: not known, which is not zero. */
  value: number | undefined;
  note: string;
}

const frame: Frame = { width: 720, height: 220, left: 44, right: 8, top: 14, bottom: 30 };
const width = frame.width - frame.left - frame.right;
/** Half of a name like `30 Nov` still fits beside it. */
const mostRight = frame.width - 22;
const height = frame.height - frame.top - frame.bottom;

/** One bar for each day or other step. */
export function drawBars({ id, title, desc, bars }: Bars): Html {
  const ticks = ticksFor(Math.max(1, ...bars.map(({ value = 0 }) => value)));
  const top = ticks.at(-1) ?? 1;
  const y = (value: number) => round(frame.top + height * (1 - value / top));
  const step = width / Math.max(1, bars.length);
  const every = Math.ceil(bars.length / 7);
  return html`<svg
    class="chart"
    role="img"
    viewBox="0 0 ${frame.width} ${frame.height}"
    aria-labelledby="${id}-title ${id}-desc"
  >
    <title id="${id}-title">${title}</title>
    <desc id="${id}-desc">${desc}</desc>
    ${ticks.map((tick) => rule(tick, y(tick)))}
    ${bars.map((bar, i) => {
      const x = frame.left + i * step;
      return html`${drawBar(bar, { x, y, step })}${i % every === 0 ? name(bar, x + step / 2) : ''}`;
    })}
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

interface Place {
  x: number;
  y(value: number): number;
  step: number;
}

const drawBar = ({ value, note }: Bar, { x, y, step }: Place): Html | string =>
  value === undefined
    ? ''
    : html`<rect
        class="bar"
        x="${round(x + step * 0.14)}"
        y="${y(value)}"
        width="${round(step * 0.72)}"
        height="${round(Math.max(1, y(0) - y(value)))}"
        rx="2"
        ><title>${note}</title></rect
      >`;

const name = ({ label }: Bar, x: number): Html =>
  html`<text x="${round(Math.min(x, mostRight))}" y="${frame.height - 8}" text-anchor="middle"
    >${label}</text
  >`;
