import { html } from 'hono/html';
import { type Network, networkNames, networks } from '../../core/network/network.ts';
import type { Way, WayField } from '../../ports/connecting/connector.ts';
import { card, head } from '../parts/bits.ts';
import type { Html } from '../parts/html.ts';

export const root = '/accounts/connect';

/** Which network. */
export const choosePage = (): Html =>
  html`${head('Connect an account', 'Choose the network that Dripline should publish to.')}
    <ul class="choices">
      ${networks.map(
        (one) => html`<li><a class="button" href="${root}/${one}">${networkNames[one]}</a></li>`,
      )}
    </ul>
    <p><a href="/accounts">Back to the accounts</a></p>`;

export interface FormPage {
  network: Network;
  ways: readonly Way[];
  /** The account that gets new credentials. */
  account: string | undefined;
  /** What is filled in already, without secrets. */
  values: Record<string, string>;
  /** Secrets that need not be typed again, by key. */
  keptSecrets: ReadonlySet<string>;
  csrf: string;
  /** Of the last try, with the way that was tried. */
  trouble?: { way: string; text: string } | undefined;
}

export function formPage(page: FormPage): Html {
  const { network, ways, account } = page;
  const name = networkNames[network];
  const title = account === undefined ? `Connect ${name}` : `Reconnect ${account}`;
  const about =
    account === undefined
      ? 'Nothing is saved before you have seen what was granted.'
      : 'Its queue and history stay. Nothing is saved before you have seen what was granted.';
  return html`${head(title, about)}
    <div class="grid wide">${ways.map((way) => wayCard(page, way))}</div>
    <p><a href="/accounts">Back to the accounts</a></p>`;
}

function wayCard(page: FormPage, way: Way): Html {
  const { network, account, csrf, trouble } = page;
  const own = trouble?.way === way.key ? trouble.text : undefined;
  const fields = way.fields.map((field) => fieldOf(page, way, field));
  return card({
    title: way.title,
    body: html`${way.help.map((line) => html`<p>${line}</p>`)}
      ${way.link ? html`<p>${outside(way.link.url, way.link.label)}</p>` : ''}
      ${own === undefined ? '' : html`<p class="bad" role="alert">${own}</p>`}
      <form class="connect" method="post" action="${root}/${network}">
        ${hidden({ csrf, way: way.key, account: account ?? '' })} ${fields}
        <div class="buttons">
          <button class="button main" aria-label="Continue: ${way.title}">Continue</button>
        </div>
      </form>`,
  });
}

export const outside = (url: string, label: string, look = ''): Html =>
  html`<a class="${look}" href="${url}" rel="noreferrer">${label}</a>`;

export const hidden = (values: Record<string, string>): Html =>
  html`${Object.entries(values).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`,
  )}`;

function fieldOf({ values, keptSecrets }: FormPage, way: Way, field: WayField): Html {
  const { key, question, isSecret, isOptional = false } = field;
  const isKept = isSecret && keptSecrets.has(key);
  const id = `${way.key}-${key}`;
  const note = isKept ? html`<small>Leave it empty to keep the present one.</small>` : '';
  return html`<label class="field" for="${id}">
    <span>${question}</span>
    <input
      id="${id}"
      name="${key}"
      type="${isSecret ? 'password' : 'text'}"
      value="${isSecret ? '' : (values[key] ?? '')}"
      autocomplete="off"
      autocapitalize="none"
      spellcheck="false"
      ${isOptional || isKept ? '' : 'required'}
    />
    ${note}
  </label>`;
}
