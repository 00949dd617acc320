import { html } from 'hono/html';
import { networkNames } from '../core/network.ts';
import { formatLocal } from '../core/time.ts';
import { listQueue } from '../commands/rows.ts';
import { readStatus } from '../commands/status.ts';
import type { CommandContext } from '../commands/command.ts';
import { type Html, layout } from './page.ts';

const queueLength = 40;
const journalLength = 40;

/** Everything at a glance: accounts, what needs a person, what goes out next, what happened. */
export async function statusPage(context: CommandContext, sandboxPage: string | undefined): Promise<Html> {
  const { store, settings } = context;
  const [status, queue, journal] = await Promise.all([readStatus(context), listQueue(context, {}), store.listJournal({ limit: journalLength })]);
  const when = (at: string) => formatLocal(Date.parse(at), settings.zone);
  const state = status.paused ? `paused${status.paused.until ? ` until ${when(status.paused.until)}` : ''}` : 'running';
  return layout(
    'Dripline',
    html`<main>
      <header>
        <h1><span aria-hidden="true">●</span> Dripline</h1>
        <div>
          <span class="pill ${status.paused ? 'off' : ''}">${state}</span>
          ${sandboxPage ? html` <a href="${sandboxPage}">what the local networks show</a>` : ''}
        </div>
      </header>
      ${
        status.paused?.firstStart
          ? html`<section>
              <h2>First start</h2>
              Nothing goes out yet. Look at the queue below, then say <code>npx dripline resume</code>.
            </section>`
          : ''
      }
      ${status.services.filter(({ heldBecause }) => heldBecause).map(({ heldBecause }) => html`<section class="bad">${heldBecause}</section>`)}
      ${status.accounts.filter(({ heldBecause }) => heldBecause !== undefined).map(({ name, heldBecause }) => html`<section class="bad">${name} is held: ${heldBecause}</section>`)}
      ${
        status.failures.length
          ? html`<section>
              <h2>Needs you</h2>
              <table>
                ${status.failures.map(
                  (one) =>
                    html`<tr>
                      <td>${one.delivery}</td>
                      <td class="bad">${one.state}</td>
                      <td>${one.reason}</td>
                    </tr>`,
                )}
              </table>
            </section>`
          : ''
      }
      <section>
        <h2>Accounts</h2>
        <table>
          <tr>
            <th>Account</th>
            <th>Network</th>
            <th>Next</th>
            <th>In the queue</th>
            <th></th>
          </tr>
          ${status.accounts.map(
            (one) =>
              html`<tr>
                <td>${link(one.url, one.handle ?? one.name)}</td>
                <td>${networkNames[one.network]}</td>
                <td>${one.next ? html`<time datetime="${one.next.at}">${when(one.next.at)}</time> ${one.next.delivery}` : '–'}</td>
                <td data-unit="in the queue">${one.queued}</td>
                <td class="bad">
                  ${one.heldBecause === undefined ? `${one.retryAt ? `tried again ${when(one.retryAt)}: ` : ''}${one.lastError ?? ''}` : 'held'}
                </td>
              </tr>`,
          )}
        </table>
      </section>
      <section>
        <h2>What goes out</h2>
        <table>
          <tr>
            <th>When</th>
            <th>What</th>
            <th>State</th>
            <th>Why then</th>
          </tr>
          ${queue.slice(0, queueLength).map(
            (one) =>
              html`<tr>
                <td>${one.at === undefined ? '' : formatLocal(one.at, settings.zone)}</td>
                <td>${one.id}</td>
                <td>${one.state}</td>
                <td class="dim">${one.why ?? one.reason ?? ''}</td>
              </tr>`,
          )}
        </table>
        ${queue.length > queueLength ? html`<p class="dim">and ${queue.length - queueLength} more: <code>npx dripline queue</code></p>` : ''}${queue.length ? '' : html`<p>The queue is empty: put a Markdown file into the posts folder.</p>`}
      </section>
      <section>
        <h2>What happened</h2>
        <table>
          ${journal.toReversed().map(
            (entry) =>
              html`<tr>
                <td>${formatLocal(entry.at, settings.zone)}</td>
                <td class="dim">${entry.by}</td>
                <td>${link(entry.url, entry.text ?? entry.type)}</td>
              </tr>`,
          )}
        </table>
      </section>
    </main>`,
  );
}

/** Addresses come from the networks: nothing but the web is linked. */
const link = (url: string | undefined, text: string) => (url !== undefined && /^https?:\/\//i.test(url) ? html`<a href="${url}">${text}</a>` : text);
