import type { Context } from 'hono';
import { html } from 'hono/html';
import { readAccounts } from '../../commands/views/accounts-view.ts';
import { Refusal } from '../../core/problem.ts';
import { formatLocal, isZone } from '../../core/time.ts';
import type { Connecting, SavedAccount } from '../../ports/connecting/connecting.ts';
import type { Env, Form } from '../access/visit.ts';
import type { Html } from '../parts/html.ts';
import { root } from './connect-forms.ts';
import type { Pending } from './pending.ts';
import { finish, type Room } from './room.ts';
import { consentPage, grantPage, stepPath, strangePage } from './step-pages.ts';

type Granted = NonNullable<Pending['granted']>;

const pendingOf = (c: Context<Env>, { pendings }: Room) =>
  pendings.find(c.req.param('id') ?? '', c.get('visit').key);

const tellStrange = (c: Context<Env>, room: Room) =>
  room.show(c, async () => ({ title: 'Not connected', body: strangePage(), status: 404 }));

export async function showStep(c: Context<Env>, room: Room): Promise<Response> {
  const pending = pendingOf(c, room);
  if (!pending) return tellStrange(c, room);
  const { granted } = pending;
  return room.show(c, async (_, { csrf }) =>
    granted
      ? { title: 'What was granted', body: await toGrantPage(room, { pending, granted, csrf }) }
      : { title: 'Connect', body: consentPage(pending, csrf) },
  );
}

async function toGrantPage(
  { context, open }: Room,
  { pending, granted, csrf }: { pending: Pending; granted: Granted; csrf: string },
): Promise<Html> {
  const connecting = await open();
  const { zone } = context.settings;
  const { twin, warnings } = await compare(context, pending, granted);
  return grantPage({
    pending,
    granted,
    csrf,
    warnings,
    canSave: !twin,
    freeName: connecting.freeName(pending.network),
    places: connecting.places(),
    missingZone: connecting.missingZone(),
    tellTime: (at) => formatLocal(at, zone),
  });
}

/** Two accounts that are one identity would publish everything twice. */
async function compare(
  context: Room['context'],
  { account }: Pending,
  { login }: Granted,
): Promise<{ twin: boolean; warnings: Html[] }> {
  const { isSandbox } = context.settings;
  const views = isSandbox ? [] : await readAccounts(context);
  const twin = views.find(
    ({ name, fact }) => name !== account && fact.identity && fact.identity.id === login.id,
  );
  if (twin)
    return {
      twin: true,
      warnings: [
        html`This is the account that is connected as ${twin.name}. A second one would publish
          everything twice, so it is not added. To give it new credentials,
          <a href="${root}?account=${encodeURIComponent(twin.name)}">reconnect ${twin.name}</a>.`,
      ],
    };
  const before = views.find(({ name }) => name === account)?.fact.identity;
  if (!before || before.id === login.id) return { twin: false, warnings: [] };
  const text = html`${account} has been @${before.handle} so far. If you save this, it is held after
  the restart until you confirm that it is @${login.handle} from now on.`;
  return { twin: false, warnings: [text] };
}

export async function decideStep(c: Context<Env>, room: Room, form: Form): Promise<Response> {
  const pending = pendingOf(c, room);
  if (!pending) return tellStrange(c, room);
  const { granted, consent } = pending;
  switch (form.first('do')) {
    case 'code':
      if (consent?.answer === 'code' && !granted)
        await finish(room, pending, form.first('code') ?? '');
      return c.redirect(stepPath(pending), 303);
    case 'save':
      return granted?.login.ok ? save(c, room, { pending, granted, form }) : tellStrange(c, room);
    default:
      return discard(c, room, pending);
  }
}

async function discard(c: Context<Env>, room: Room, pending: Pending): Promise<Response> {
  room.pendings.end(pending.id);
  const { granted } = pending;
  // Whether or not the network takes it back, it is forgotten here.
  await granted?.grant.revoke?.(AbortSignal.timeout(10_000)).catch(() => undefined);
  room.tell(c, 'Discarded. Nothing was saved.');
  return c.redirect('/accounts', 303);
}

interface Saving {
  pending: Pending;
  granted: Granted;
  form: Form;
}

async function save(c: Context<Env>, room: Room, saving: Saving): Promise<Response> {
  const { pending, granted, form } = saving;
  const connecting = await room.open();
  try {
    const { twin } = await compare(room.context, pending, granted);
    if (twin) return c.redirect(stepPath(pending), 303);
    const name = pending.account ?? readName(connecting, form);
    const place = form.first('place') ?? '';
    const isPlace = connecting.places().some(({ value }) => value === place);
    const { handle = '' } = granted.login;
    const saved = connecting.save({
      name,
      network: pending.network,
      grant: granted.grant,
      handle,
      place: isPlace ? place : (connecting.places()[0]?.value ?? ''),
      zone: readZone(connecting, form),
    });
    room.pendings.end(pending.id);
    room.tell(c, tellSaved(name, handle, saved));
    return c.redirect('/accounts', 303);
  } catch (error) {
    pending.trouble = whyNotSaved(error);
    return c.redirect(stepPath(pending), 303);
  }
}

function whyNotSaved(error: unknown): string {
  if (error instanceof Refusal) return `${error.message}.`;
  const { code, path } = error as NodeJS.ErrnoException;
  if (code === undefined || path === undefined) throw error;
  return `${path} cannot be written: fix its permissions, or choose another place (${code}).`;
}

function readName(connecting: Connecting, form: Form): string {
  const name = (form.first('name') ?? '').trim();
  if (!/^[a-z0-9][a-z0-9_-]{0,60}$/.test(name))
    throw new Refusal(`"${name.slice(0, 60)}" is not a name: use a-z, 0-9, - and _, such as bsky`);
  if (connecting.isTaken(name))
    throw new Refusal(`Another account has the name ${name} already: choose another`);
  return name;
}

function readZone(connecting: Connecting, form: Form): string | undefined {
  const missing = connecting.missingZone();
  if (missing === undefined) return undefined;
  const zone = (form.first('zone') ?? missing).trim();
  if (isZone(zone)) return zone;
  throw new Refusal(`"${zone.slice(0, 60)}" is not a time zone: use one such as Europe/Berlin`);
}

function tellSaved(name: string, handle: string, { files, faults }: SavedAccount): string {
  const written = `Written: ${files.join(', ')}`;
  const saved = `Saved: ${name} is @${handle}. Restart Dripline to use it. ${written}`;
  const [fault] = faults;
  return fault
    ? `${saved}. But the configuration has an error: ${fault.where} ${fault.what}`
    : saved;
}
