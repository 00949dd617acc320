import { html } from 'hono/html';
import type { Html } from './html.ts';

export interface ActionOptions {
  csrf: string;
  /** The page to come back to. */
  back: string;
  /** `opt-<name>`; true is a flag. */
  options?: Record<string, string | true>;
}

export interface ButtonOptions extends ActionOptions {
  args?: readonly string[];
  label: string;
  /** For screen readers, if the label alone does not say what it applies to. */
  name?: string;
  look?: 'main' | 'plain' | 'danger';
  /** Asked first: what would happen, in a sentence. */
  confirm?: string;
}

/** A form with one button that runs a verb. */
export function button(verb: string, options: ButtonOptions): Html {
  const { confirm, label, name, look = 'plain' } = options;
  if (confirm === undefined) return form(verb, hidden(options), press({ label, look, name }));
  // Two steps without a script: the first opens the question, the second runs the verb.
  return html`<details class="ask">
    <summary class="button ${look}" aria-label="${name ?? label}…">${label}…</summary>
    <div class="ask-body">
      <p>${confirm}</p>
      ${form(verb, hidden(options), press({ label, look: 'danger', name }))}
    </div>
  </details>`;
}

export interface FieldOptions extends Omit<ButtonOptions, 'confirm'> {
  field: Field;
}

export interface Field {
  label: string;
  type?: 'text' | 'url' | 'datetime-local';
  value?: string;
  placeholder?: string;
}

/** A form whose last argument is typed: a URL, a time. */
export function fieldForm(verb: string, options: FieldOptions): Html {
  const { field, label, look = 'plain', name } = options;
  const input = html`<label class="field">
    <span>${field.label}</span>
    <input
      type="${field.type ?? 'text'}"
      name="arg"
      value="${field.value ?? ''}"
      placeholder="${field.placeholder ?? ''}"
      required
      autocomplete="off"
    />
  </label>`;
  return form(verb, hidden(options), html`${input} ${press({ label, look, name })}`);
}

export interface SelectOptions extends Omit<ButtonOptions, 'confirm'> {
  /** What is chosen. */
  field: string;
  choices: readonly (readonly [value: string, label: string])[];
}

/** A form whose last argument is chosen from a list. */
export function selectForm(verb: string, options: SelectOptions): Html {
  const { field, choices, label, look = 'plain', name } = options;
  const list = html`<label class="field">
    <span>${field}</span>
    <select name="arg">
      ${choices.map(([value, text]) => html`<option value="${value}">${text}</option>`)}
    </select>
  </label>`;
  return form(verb, hidden(options), html`${list} ${press({ label, look, name })}`);
}

const form = (verb: string, fields: Html, body: Html) =>
  html`<form class="act" method="post" action="/do/${verb}">${fields}${body}</form>`;

interface Press {
  label: string;
  look: string;
  name: string | undefined;
}

const press = ({ label, look, name }: Press) =>
  html`<button class="button ${look}" ${name === undefined ? '' : html`aria-label="${name}"`}>
    ${label}
  </button>`;

function hidden({
  args = [],
  csrf,
  back,
  options = {},
}: ActionOptions & { args?: readonly string[] }) {
  const fields: [string, string][] = [
    ['csrf', csrf],
    ['back', back],
    ...args.map((arg): [string, string] => ['arg', arg]),
    ...Object.entries(options).map(([name, value]): [string, string] => [
      `opt-${name}`,
      value === true ? 'true' : value,
    ]),
  ];
  return html`${fields.map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`,
  )}`;
}

/** One of several verbs about the same delivery. */
export interface Choice {
  verb: string;
  label: string;
  /** The argument after the id. */
  more?: string;
  look?: 'main' | 'plain';
}

/** Several verbs for one delivery in one form, so that a long queue stays a small page. */
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
  return form(all[0]?.verb ?? '', hidden({ ...options, args: [id] }), html`${buttons}`);
}
