import type { Context, Hono } from 'hono';
import { html } from 'hono/html';
import { isNetwork, type Network, networkNames } from '../../core/network/network.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import { Refusal } from '../../core/problem.ts';
import type { Connecting } from '../../ports/connecting/connecting.ts';
import type { Way } from '../../ports/connecting/connector.ts';
import { type Env, type Form, hasToken, readForm } from '../access/visit.ts';
import { callbackOf, callbackPath } from './callback-address.ts';
import { choosePage, formPage, root } from './connect-forms.ts';
import { openPendings, type Pending } from './pending.ts';
import { type ConnectingParts, finish, type Room } from './room.ts';
import { decideStep, showStep } from './steps.ts';
import { stepPath, strangePage } from './step-pages.ts';

type Shown = Response | Promise<Response>;

const startOver =
  'Nothing was done, because the page was loaded before a restart or a login. Please try again.';

/** Connecting accounts in the browser; nothing where it cannot be done from here. */
export function addConnecting(app: Hono<Env>, parts: ConnectingParts): void {
  const { openConnecting: open, clock } = parts.context;
  if (!open) return;
  const room: Room = { ...parts, open, pendings: openPendings(clock) };
  app.get(root, (c) => chooseNetwork(c, room));
  app.get(callbackPath, (c) => takeAnswer(c, room));
  app.get(`${root}/step/:id`, (c) => showStep(c, room));
  app.post(`${root}/step/:id`, async (c) => {
    const form = await readForm(c);
    return hasToken(c, form) ? decideStep(c, room, form) : tellStale(c, room);
  });
  app.get(`${root}/:network`, (c) =>
    withNetwork(c, room, (network) =>
      showForm(c, room, { network, named: c.req.query('account') }),
    ),
  );
  app.post(`${root}/:network`, (c) =>
    withNetwork(c, room, async (network) => {
      const form = await readForm(c);
      return hasToken(c, form) ? begin(c, room, { network, form }) : tellStale(c, room);
    }),
  );
}

function tellStale(c: Context<Env>, room: Room): Response {
  room.tell(c, startOver);
  return c.redirect(root, 303);
}

async function chooseNetwork(c: Context<Env>, room: Room): Promise<Response> {
  const account = c.req.query('account');
  const network = room.context.settings.accounts.find(({ name }) => name === account)?.network;
  if (account !== undefined && network)
    return c.redirect(`${root}/${network}?account=${encodeURIComponent(account)}`, 303);
  return room.show(c, async () => ({ title: 'Connect an account', body: choosePage() }));
}

async function withNetwork(
  c: Context<Env>,
  room: Room,
  run: (network: Network) => Shown,
): Promise<Response> {
  const network = c.req.param('network');
  if (isNetwork(network)) return run(network);
  return room.show(c, async () => ({
    title: 'Not found',
    body: html`<h1>This page does not exist</h1>`,
    status: 404,
  }));
}

/** An account of ours on this network, or none. */
function accountIn(connecting: Connecting, named: string | undefined, ways: readonly Way[]) {
  const known = named ? connecting.known(named) : {};
  const isSame = ways.some(({ fields }) =>
    fields.every(({ key, isOptional }) => isOptional || key in known),
  );
  return named && isSame ? { account: named, known } : { account: undefined, known: {} };
}

interface Tried {
  way: string;
  text: string;
  values: Record<string, string>;
}

async function showForm(
  c: Context<Env>,
  room: Room,
  { network, named, tried }: { network: Network; named: string | undefined; tried?: Tried },
): Promise<Response> {
  const connecting = await room.open();
  const { ways } = await connecting.connector(network);
  const { account, known } = accountIn(connecting, named, ways);
  return room.show(c, async (_, { csrf }) => ({
    title: account === undefined ? `Connect ${networkNames[network]}` : `Reconnect ${account}`,
    body: formPage({
      network,
      ways,
      account,
      csrf,
      values: { ...known, ...tried?.values },
      keptSecrets: new Set(Object.keys(known)),
      trouble: tried,
    }),
    ...pickDefined({ status: tried ? 422 : undefined }),
  }));
}

async function begin(
  c: Context<Env>,
  room: Room,
  { network, form }: { network: Network; form: Form },
): Promise<Response> {
  const connecting = await room.open();
  const connector = await connecting.connector(network);
  const way = connector.ways.find(({ key }) => key === form.first('way')) ?? connector.ways[0];
  if (!way) return c.redirect(root, 303);
  const { account, known } = accountIn(connecting, form.first('account'), connector.ways);
  const values = readValues(way, form, known);
  const { signal } = c.req.raw;
  const pending = room.pendings.begin(c.get('visit').key, { network, account });
  try {
    const options = { signal, state: pending.id, callback: callbackOf(c) };
    const begun = await connector.begin(way.key, values, options);
    if ('consent' in begun) pending.consent = begun.consent;
    else
      pending.granted = { grant: begun.grant, login: await connecting.check(network, begun.grant) };
    const { granted } = pending;
    if (granted && !granted.login.ok) throw new Refusal(granted.login.error ?? 'The login failed');
    return c.redirect(stepPath(pending), 303);
  } catch (error) {
    room.pendings.end(pending.id);
    if (!(error instanceof Refusal)) throw error;
    const text = `${error.message}.`;
    const tried = { way: way.key, text, values };
    return showForm(c, room, { network, named: form.first('account'), tried });
  }
}

/** As people paste them. Of an account that is there, secrets need not be typed again. */
function readValues(
  { fields }: Way,
  form: Form,
  known: Record<string, string>,
): Record<string, string> {
  return Object.fromEntries(
    fields.map(({ key, isSecret, tidy = (text) => text }) => {
      const given = (form.first(key) ?? '').trim().slice(0, 2000);
      const text = given === '' && isSecret ? (known[key] ?? '') : given;
      return [key, text === '' ? '' : tidy(text)];
    }),
  );
}

/** A GET that changes something: its state binds it to who began it, and is taken once. */
async function takeAnswer(c: Context<Env>, room: Room): Promise<Response> {
  const isLooked = c.req.method === 'GET' && !/prefetch/.test(c.req.header('sec-purpose') ?? '');
  if (!isLooked) return c.body(null, 405);
  const pending = room.pendings.find(c.req.query('state') ?? '', c.get('visit').key);
  const isOpen = pending?.consent?.answer === 'callback' && !pending.isAnswered;
  if (!pending || !isOpen)
    return room.show(c, async () => ({ title: 'Not connected', body: strangePage(), status: 400 }));
  pending.isAnswered = true;
  const refused = c.req.query('error');
  if (refused === undefined) await finish(room, pending, c.req.query('code') ?? '');
  else pending.trouble = tellRefusal(pending, refused);
  return c.redirect(stepPath(pending), 303);
}

function tellRefusal({ consent }: Pending, error: string): string {
  const { host } = new URL(consent?.url ?? 'https://the-network.invalid');
  if (error === 'access_denied') return `Consent was refused at ${host}. Nothing was changed.`;
  const word = error.replaceAll(/[^\w.-]/g, '').slice(0, 60);
  return `${host} gave no access (${word}). Nothing was changed.`;
}
