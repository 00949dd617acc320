import { html } from 'hono/html';
import type { Html } from '../parts/html.ts';
import { round } from './scale.ts';

/** How much of a limit is used: a bar with a text. */
export function drawShare(value: number, most: number, text: Html | string): Html {
  const share = most > 0 ? Math.min(1, value / most) : 0;
  return html`<div class="bar-row ${share >= 0.9 ? 'full' : ''}">
    <svg viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
      <rect width="${round(share * 100)}" height="4" />
    </svg>
    <span class="small">${text}</span>
  </div>`;
}
