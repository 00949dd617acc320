import { html } from 'hono/html';
import type { Html } from '../parts/html.ts';

interface Labelled {
  label: string;
  name: string;
  value?: string | undefined;
}

interface Line extends Labelled {
  type?: 'text' | 'url' | 'date' | 'time' | 'number';
  placeholder?: string;
}

/** A field of one line. */
export const line = ({ label, name, value = '', type = 'text', placeholder = '' }: Line): Html =>
  html`<label class="field"
    ><span>${label}</span
    ><input
      type="${type}"
      name="${name}"
      value="${value}"
      placeholder="${placeholder}"
      autocomplete="off"
  /></label>`;

export interface Selecting extends Labelled {
  options: readonly (readonly [value: string, name: string])[];
}

/** One of several. */
export const select = ({ label, name, value = '', options }: Selecting): Html =>
  html`<label class="field"
    ><span>${label}</span>
    <select name="${name}">
      ${options.map(
        ([one, shown]) =>
          html`<option value="${one}" ${one === value ? html`selected` : ''}>${shown}</option>`,
      )}
    </select></label
  >`;

interface Lines extends Labelled {
  rows: number;
}

/** A field of several lines. The first line break of its text is the page's. */
export const lines = ({ label, name, value = '', rows }: Lines): Html =>
  html`<label class="field"
    ><span>${label}</span><textarea name="${name}" rows="${rows}">${value}</textarea>
  </label>`;

interface Tick {
  label: Html | string;
  name: string;
  value: string;
  isOn?: boolean;
}

export const tick = ({ label, name, value, isOn = false }: Tick): Html =>
  html`<label class="tick"
    ><input type="checkbox" name="${name}" value="${value}" ${isOn ? html`checked` : ''} />
    ${label}</label
  >`;
