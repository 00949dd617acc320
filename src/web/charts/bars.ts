import { html } from 'hono/html';
import type { Html } from '../parts/html.ts';
import { compact, type Frame, round, ticksFor } from './scale.ts';

export interface Bars {
  id: string;
  title: string;
  desc: string;
  /** Absent: not known, which is not nothing. */
  bars: { label: string; value: number | undefined; note: string }[];
}

const frame: Frame = { width: 720, height: 220, left: 44, right: 8, top: 14, bottom: 30 };

/** One bar for each day or other step. */
export function drawBars({ id, title, desc, bars }: Bars): Html {
  const ticks = ticksFor(Math.max(1, ...bars.map(({ value = 0 }) => value)));
  const top = ticks.at(-1) ?? 1;
  const [width, height] = [
    frame.width - frame.left - frame.right,
    frame.height - frame.top - frame.bottom,
  ];
  const step = width / Math.max(1, bars.length);
  const y = (value: number) => round(frame.top + height * (1 - value / top));
  const every = Math.ceil(bars.length / 7);
  return html`<svg
    class="chart"
    role="img"
    viewBox="0 0 ${frame.width} ${frame.height}"
    aria-labelledby="${id}-title ${id}-desc"
  >
    <title id="${id}-title">${title}</title>
    <desc id="${id}-desc">${desc}</desc>
    ${ticks.map(
      (tick) =>
        html`<line
            class="rule"
            x1="${frame.left}"
            x2="${frame.width - frame.right}"
            y1="${y(tick)}"
            y2="${y(tick)}"
          /><text x="${frame.left - 8}" y="${y(tick) + 4}" text-anchor="end"
            >${compact(tick)}</text
          >`,
    )}
    ${bars.map(({ label, value, note }, i) => {
      const x = frame.left + i * step;
      const bar =
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
      const name =
        i % every === 0
          ? html`<text x="${round(x + step / 2)}" y="${frame.height - 8}" text-anchor="middle"
              >${label}</text
            >`
          : '';
      return html`${bar}${name}`;
    })}
  </svg>`;
}
