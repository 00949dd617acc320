import { html } from 'hono/html';
import { networkNames } from '../../core/network/network.ts';
import type { Instant } from '../../core/time.ts';
import type { CheckedLogin } from '../../ports/connecting/connecting.ts';
import type { Grant } from '../../ports/connecting/connector.ts';
import { card, head, link } from '../parts/bits.ts';
import type { Html } from '../parts/html.ts';
import { hidden, outside, root } from './connect-forms.ts';
import type { Pending } from './pending.ts';

export const stepPath = ({ id }: Pick<Pending, 'id'>) => `${root}/step/${id}`;

const again = ({ network, account }: Pending) => {
  const query = account === undefined ? '' : `?account=${encodeURIComponent(account)}`;
  return `${root}/${network}${query}`;
};

const troubleOf = ({ trouble }: Pending): Html | string =>
  trouble === undefined ? '' : html`<p class="bad" role="alert">${trouble}</p>`;

/** The network asks: a plain link, since a form may not lead to another site. */
export function consentPage(pending: Pending, csrf: string): Html {
  const { consent, network } = pending;
  if (!consent || pending.isAnswered) return endedPage(pending);
  const { host } = new URL(consent.url);
  const isCode = consent.answer === 'code';
  const steps = isCode
    ? `Open the page, sign in as the account that is to publish, and allow it. You are shown a ` +
      `${consent.codeName}: enter it below.`
    : 'Open the page, sign in as the account that is to publish, and allow it. You are sent ' +
      'back here.';
  return html`${head(`Connect ${networkNames[network]}`, `${host} asks for your consent.`)}
    ${card({
      title: `Sign in at ${host}`,
      body: html`<p>${steps}</p>
        <p>${outside(consent.url, `Continue to ${host}`, 'button main')}</p>
        ${troubleOf(pending)} ${isCode ? codeForm(pending, consent.codeName, csrf) : ''}
        <p class="dim small">This page is good for 15 minutes.</p>`,
    })}
    <p><a href="${again(pending)}">Start again</a></p>`;
}

const codeForm = (pending: Pending, name: string, csrf: string): Html =>
  html`<form class="connect" method="post" action="${stepPath(pending)}">
    ${hidden({ csrf, do: 'code' })}
    <label class="field" for="code">
      <span>The ${name} that you were shown</span>
      <input id="code" name="code" required autocomplete="off" spellcheck="false" />
    </label>
    <div class="buttons"><button class="button main">Continue</button></div>
  </form>`;

/** Nothing came of it. */
const endedPage = (pending: Pending): Html =>
  html`${head('Not connected')} ${troubleOf(pending)}
    <p>
      <a class="button main" href="${again(pending)}">Start again</a>
      <a class="button" href="/accounts">Back to the accounts</a>
    </p>`;

export interface GrantPage {
  pending: Pending;
  granted: { grant: Grant; login: CheckedLogin };
  csrf: string;
  /** Why it cannot be saved as it is, or should not. */
  warnings: Html[];
  canSave: boolean;
  freeName: string;
  places: { value: string; label: string }[];
  /** The usual one, where the configuration has none. */
  missingZone: string | undefined;
  tellTime(at: Instant): string;
}

export function grantPage(page: GrantPage): Html {
  const { pending, granted, warnings, canSave } = page;
  const { login, grant } = granted;
  if (!login.ok)
    return html`${head('Not connected')}
      <p class="bad" role="alert">The login was tried: ${login.error}</p>
      ${endedLinks(pending)}`;
  const scopes = grant.scopes.length
    ? html`<dt>It may</dt>
        <dd>${grant.scopes.map((one) => html`<code>${one}</code> `)}</dd>`
    : '';
  const end = grant.expiresAt;
  return html`${head('What was granted', 'The login was tried, and it works.')}
  ${card({
    title: `@${login.handle} on ${networkNames[pending.network]}`,
    body: html`<dl class="facts">
        <dt>Account</dt>
        <dd>
          ${link(login.url, `@${login.handle}`)}<br /><span class="dim small">${login.id}</span>
        </dd>
        ${scopes}
        ${
          end === undefined
            ? ''
            : html`<dt>Ends</dt>
                <dd>${page.tellTime(end)}: reconnect it before</dd>`
        }
      </dl>
      ${grant.notes.map((one) => html`<p class="bad">${one}.</p>`)}
      ${warnings.map((one) => html`<p class="bad">${one}</p>`)} ${troubleOf(pending)}
      ${canSave ? saveForm(page) : ''}`,
  })}
  ${discardForm(page)}`;
}

const endedLinks = (pending: Pending): Html =>
  html`<p>
    <a class="button main" href="${again(pending)}">Start again</a>
    <a class="button" href="/accounts">Back to the accounts</a>
  </p>`;

function saveForm({ pending, csrf, freeName, places, missingZone }: GrantPage): Html {
  const name =
    pending.account === undefined
      ? html`<label class="field" for="name">
          <span>Name of the account. IDs contain it: hello@${freeName}</span>
          <input id="name" name="name" value="${freeName}" required autocomplete="off" />
        </label>`
      : '';
  const zone =
    missingZone === undefined
      ? ''
      : html`<label class="field" for="zone">
          <span>Time zone of your schedule</span>
          <input id="zone" name="zone" value="${missingZone}" required autocomplete="off" />
        </label>`;
  return html`<form class="connect" method="post" action="${stepPath(pending)}">
    ${hidden({ csrf, do: 'save' })} ${name} ${zone} ${placeField(places)}
    <div class="buttons"><button class="button main">Save</button></div>
  </form>`;
}

const about: Record<string, string> = {
  variables: 'beside the configuration, as variables',
  data: 'in the data folder',
};

const placeField = (places: GrantPage['places']): Html =>
  html`<fieldset>
    <legend>Where to keep the credentials, readable by their owner alone</legend>
    ${places.map(
      ({ value, label }, i) =>
        html`<label class="choice">
          <input type="radio" name="place" value="${value}" ${i === 0 ? 'checked' : ''} />
          <span><code>${label}</code>, ${about[value] ?? ''}</span>
        </label>`,
    )}
  </fieldset>`;

const discardForm = ({ pending, csrf }: GrantPage): Html =>
  html`<form class="act" method="post" action="${stepPath(pending)}">
    ${hidden({ csrf, do: 'discard' })}
    <button class="button">Discard</button>
  </form>`;

export const strangePage = (): Html =>
  html`${head('Not connected')}
    <p class="bad" role="alert">
      Dripline does not know this connection any more. It was begun more than 15 minutes ago or in
      another browser, it was finished already, or Dripline was restarted meanwhile. Nothing was
      changed. Start again: what you allowed at the network does no harm there.
    </p>
    <p><a class="button main" href="${root}">Start again</a></p>`;
