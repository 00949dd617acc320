import { html } from 'hono/html';
import { weekdays } from '../../core/time.ts';
import type { Html } from '../parts/html.ts';
import { round } from './scale.ts';

export interface Heat {
  id: string;
  title: string;
  desc: string;
  /** For each hour of the week from Monday 00:00: how many times as good as a typical post. */
  hours: readonly number[];
  /** At least one hour differs from an average one. */
  isReal: boolean;
}

const [left, top, cell, tall] = [40, 20, 28, 22];

/** The week as seven rows of hours. A stronger colour is a better hour. */
export function drawHeat({ id, title, desc, hours, isReal }: Heat): Html {
  return html`<svg
    class="chart heat${isReal ? '' : ' unsure'}"
    role="img"
    viewBox="0 0 ${left + 24 * cell} ${top + 7 * tall + 2}"
    aria-labelledby="${id}-title ${id}-desc"
  >
    <title id="${id}-title">${title}</title>
    <desc id="${id}-desc">${desc}</desc>
    ${[0, 6, 12, 18].map(
      (hour) => html`<text x="${left + hour * cell}" y="13">${tellHour(hour)}</text>`,
    )}
    ${weekdays.map(
      (day, i) => html`<text x="0" y="${top + i * tall + 15}">${capitalise(day)}</text>`,
    )}
    ${hours.map((times, i) => {
      const [x, y] = [left + (i % 24) * cell, top + Math.floor(i / 24) * tall];
      return html`<rect
        x="${x}"
        y="${y}"
        width="${cell - 2}"
        height="${tall - 2}"
        rx="3"
        fill-opacity="${strength(times)}"
        ><title>
          ${weekdays[Math.floor(i / 24)]} ${tellHour(i % 24)}, ${times.toFixed(2)} times
        </title></rect
      >`;
    })}
  </svg>`;
}

const tellHour = (hour: number) => `${String(hour).padStart(2, '0')}:00`;
const capitalise = (word: string) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`;

/** On a fixed scale, so that hours that are alike look alike. */
const strength = (times: number) =>
  round(Math.min(1, Math.max(0.04, 0.5 + (times - 1) * 1.6)) * 100) / 100;
