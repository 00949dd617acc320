import { html } from 'hono/html';
import type { Html } from '../parts/html.ts';
import { compact, round } from './scale.ts';

export interface Range {
  id: string;
  title: string;
  desc: string;
  min: number;
  max: number;
  value: number | undefined;
  /** A value that is worth a try. */
  suggested?: number | undefined;
}

const [width, left, right] = [420, 16, 16];

/** A number within its allowed range. */
export function drawRange({ id, title, desc, min, max, value, suggested }: Range): Html {
  const [from, to] = [Math.min(0, min), Math.max(max, value ?? 0, suggested ?? 0, min + 1) * 1.08];
  const x = (one: number) => round(left + ((width - left - right) * (one - from)) / (to - from));
  return html`<svg
    class="chart range"
    role="img"
    viewBox="0 0 ${width} 54"
    aria-labelledby="${id}-title ${id}-desc"
  >
    <title id="${id}-title">${title}</title>
    <desc id="${id}-desc">${desc}</desc>
    <line class="track" x1="${x(from)}" x2="${x(to)}" y1="20" y2="20" />
    <line class="span" x1="${x(min)}" x2="${round(Math.max(x(max), x(min) + 1))}" y1="20" y2="20" />
    ${[...new Set([min, max])].map(
      (one) => html`<text x="${x(one)}" y="48" text-anchor="middle">${compact(one)}</text>`,
    )}
    ${suggested === undefined ? '' : dot('suggested', x(suggested), 7)}
    ${value === undefined ? '' : dot('value', x(value), 8)}
  </svg>`;
}

const dot = (look: string, x: number, radius: number): Html =>
  html`<circle class="${look}" cx="${x}" cy="20" r="${radius}" />`;
