import { html } from 'hono/html';
import type { Html } from './html.ts';

export interface ActionOptions {
  csrf: string;
  /** The page to come back to. */
  back: string;
  /** `opt-<name>`; true is a flag. */
  options?: Record<string, string | true>;
  /** Asked before it is done: what would happen, in a sentence. */
  confirm?: string;
  /**
   * What readers of the screen hear in place of the label, where the label alone does not say of
   * what.
   */
  name?: string;
  look?: 'main' | 'plain' | 'danger';
}

export interface Field {
  label: string;
  type?: 'text' | 'url' | 'datetime-local';
  value?: string;
  placeholder?: string;
  hint?: string;
}

/** A form with one button that says a verb. */
export function button(
  verb: string,
  args: readonly string[],
  label: string,
  options: ActionOptions,
): Html {
  const { confirm, name, look = 'plain' } = options;
  if (confirm === undefined) return form(verb, hidden(args, options), press(label, look, name));
  // Two steps that need no script: the first opens what the second is about.
  return html`<details class="ask">
    <summary class="button ${look}" aria-label="${name ?? label}…">${label}…</summary>
    <div class="ask-body">
      <p>${confirm}</p>
      ${form(verb, hidden(args, options), press(label, 'danger', name))}
    </div>
  </details>`;
}

/** A form whose last word is typed: an address, a time. */
export function fieldForm(
  verb: string,
  args: readonly string[],
  field: Field,
  label: string,
  options: ActionOptions,
): Html {
  const { type = 'text', value = '', placeholder = '', hint } = field;
  const input = html`<label class="field">
    <span>${field.label}</span>
    <input
      type="${type}"
      name="arg"
      value="${value}"
      placeholder="${placeholder}"
      required
      autocomplete="off"
    />
    ${hint === undefined ? '' : html`<small>${hint}</small>`}
  </label>`;
  return form(
    verb,
    hidden(args, options),
    html`${input} ${press(label, options.look ?? 'plain', options.name)}`,
  );
}

const form = (verb: string, fields: Html, body: Html) =>
  html`<form class="act" method="post" action="/do/${verb}">${fields}${body}</form>`;

const press = (label: string, look: string, name: string | undefined) =>
  html`<button class="button ${look}" ${name === undefined ? '' : html`aria-label="${name}"`}>
    ${label}
  </button>`;

function hidden(args: readonly string[], { csrf, back, options = {} }: ActionOptions): Html {
  const fields: [string, string][] = [
    ['csrf', csrf],
    ['back', back],
    ...args.map((arg): [string, string] => ['arg', arg]),
    ...Object.entries(options).map(([name, value]): [string, string] => [
      `opt-${name}`,
      value === true ? 'true' : value,
    ]),
  ];
  return html`${fields.map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`)}`;
}

/** One of several verbs about the same delivery. */
export interface Choice {
  verb: string;
  label: string;
  /** The word behind the id. */
  more?: string;
  look?: 'main' | 'plain';
}

/** Several verbs about one delivery in one form: a queue of many stays a small page. */
export function choices(
  id: string,
  all: readonly Choice[],
  { about, ...options }: ActionOptions & { about: string },
): Html {
  const buttons = all.map(
    ({ verb, label, more, look = 'plain' }) =>
      html`<button
        class="button ${look}"
        formaction="/do/${verb}"
        ${more === undefined ? '' : html`name="arg" value="${more}"`}
        aria-label="${label}: ${about}"
      >
        ${label}
      </button>`,
  );
  return form(all[0]?.verb ?? '', hidden([id], options), html`${buttons}`);
}
