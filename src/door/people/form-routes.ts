import { createHash } from 'node:crypto';
import type { HttpBindings } from '@hono/node-server';
import type { Context, Hono } from 'hono';
import { html } from 'hono/html';
import { toIso } from '../../core/time.ts';
import type { Caller } from '../../io/incoming/caller.ts';
import { absentPage, doorHeaders, formPage } from '../door-pages.ts';
import type { Wording } from '../../core/people/wording/wording.ts';
import type { Env } from '../link-routes.ts';
import { type FormValues, readForm, trap, whatIsWrong, type Wrong } from './form-input.ts';
import { networkOf, openFormLimits } from './form-limits.ts';
import type { DoorForm, PeopleDoor } from './people-door.ts';
import { openWork, type Work } from './work/form-work.ts';
import { workScript } from './work/work-script.ts';
import { readBody } from './read-body.ts';

const largest = 16 * 1024;

export interface FormParts {
  door: PeopleDoor;
  /** As people have it. */
  url: string;
  now: () => number;
  callerOf(request: HttpBindings['incoming'] | undefined): Caller;
}

/**
 * `/f/NAME`: a form, and what is sent by it, from here or from another site. Whoever sends it reads
 * the same, whatever is known of the address: only its owner learns more, by mail.
 */
export function addFormRoutes(app: Hono<Env>, parts: FormParts): void {
  const limits = openFormLimits(parts.now);
  const work = openWork({ tokens: parts.door.tokens, now: parts.now });
  const take = { ...parts, limits, work };
  app.get('/f.js', (c) => c.body(workScript, 200, scriptHeaders));
  app.get('/f/:name/work', async (c) => {
    const form = await findForm(c, parts.door);
    if (!form) return c.json({}, 404, openToAll);
    return c.json(await work.make(form.name), 200, openToAll);
  });
  app.get('/f/:name', async (c) => {
    const form = await findForm(c, parts.door);
    if (!form) return c.html(absentPage(), 404, doorHeaders);
    return c.html(showForm({ form, words: wordsOf(c, parts.door) }), 200, doorHeaders);
  });
  app.post('/f/:name', async (c) => {
    const form = await findForm(c, parts.door);
    return form ? await takeForm(c, take, form) : c.html(absentPage(), 404, doorHeaders);
  });
}

const longestName = 100;

const findForm = async (c: Context<Env>, door: PeopleDoor): Promise<DoorForm | undefined> => {
  const name = c.req.param('name') ?? '';
  return name.length > longestName ? undefined : door.findForm(name);
};

const wordsOf = (c: Context<Env>, { languages }: PeopleDoor) =>
  languages.choose(c.req.header('accept-language'));

/** What somebody agrees to, and a digest of it in his language. */
function agreed(words: Wording, { name, titles }: DoorForm) {
  const text = words.consent(titles.join(', '));
  const digest = createHash('sha256').update(`${name}\n${words.lang}\n${text}`).digest('hex');
  return { text, version: digest.slice(0, 16) };
}

/** Nothing of a person is in it: each site may ask for work. */
const openToAll = { ...doorHeaders, 'Access-Control-Allow-Origin': '*' };
const scriptHeaders = {
  ...doorHeaders,
  'Content-Type': 'text/javascript; charset=utf-8',
  'Cache-Control': 'public, max-age=3600',
  'Cross-Origin-Resource-Policy': 'cross-origin',
};

type Taking = FormParts & { limits: ReturnType<typeof openFormLimits>; work: Work };

async function takeForm(c: Context<Env>, parts: Taking, form: DoorForm) {
  const words = wordsOf(c, parts.door);
  const values = await readSent(c);
  if (!values)
    return tell(c, { words, title: words.unreadableTitle, text: words.unreadable, status: 413 });
  const look = { words, title: words.lookTitle, text: words.look };
  if (values.isTrapped) return tell(c, look);
  const wrong = whatIsWrong(values);
  if (wrong) return c.html(showForm({ form, words, values, wrong }), 422, doorHeaders);
  const shown = parts.door.languages.all.find(
    (one) => agreed(one, form).version === values.version,
  );
  if (values.version !== undefined && !shown)
    return c.html(showForm({ form, words, values, hasChanged: true }), 422, doorHeaders);
  const caller = parts.callerOf(c.env.incoming);
  if (await isTooMuch(parts, { values, form, caller })) {
    return tell(c, { words, title: words.busyTitle, text: words.busy, status: 429 });
  }
  const said = agreed(shown ?? words, form);
  await parts.door.takeForm({
    form,
    mail: values.mail,
    fields: values.fields,
    words: said.text,
    version: said.version,
    lang: (shown ?? words).lang,
    from: pageOf(c, `${parts.url}/f/${form.name}`),
    ...(caller.isHidden ? {} : { ip: caller.address }),
  });
  return tell(c, look);
}

/** Undefined: it is no form, or a very long one. */
async function readSent(c: Context<Env>): Promise<FormValues | undefined> {
  const type = c.req.header('content-type') ?? '';
  const text = await readBody(c, largest).catch(() => undefined);
  if (text === undefined) return undefined;
  if (/^application\/x-www-form-urlencoded\b/i.test(type))
    return readForm(new URLSearchParams(text));
  if (!/^multipart\/form-data\b/i.test(type)) return undefined;
  try {
    const sent = await new Response(text, { headers: { 'content-type': type } }).formData();
    const pairs = [...sent].filter((one): one is [string, string] => typeof one[1] === 'string');
    return readForm(new URLSearchParams(pairs));
  } catch {
    return undefined;
  }
}

interface Sent {
  values: FormValues;
  form: DoorForm;
  caller: Caller;
}

/** Work is looked at only where it can change something. */
async function isTooMuch(
  { door, limits, work, now }: Taking,
  { values: { mail, work: done }, form, caller }: Sent,
): Promise<boolean> {
  const domain = mail.slice(mail.lastIndexOf('@') + 1).toLowerCase();
  const network = caller.isHidden ? undefined : networkOf(caller.address);
  const attempt = { network, domain };
  let hit = limits.look({ ...attempt, hasWorked: true });
  if (hit === undefined) {
    const proof = await work.read(form.name, done);
    const hasWorked = proof !== undefined && (await door.noteUsed(`form ${proof}`));
    hit = limits.take({ ...attempt, hasWorked });
  }
  if (hit === 'all') await tellFlood(door, now());
  return hit !== undefined;
}

async function tellFlood(door: PeopleDoor, now: number): Promise<void> {
  await door.tell(
    `forms:${toIso(now).slice(0, 13)}`,
    'very many forms were sent within an hour: more are turned away until it is over. If you ' +
      'have not expected that, somebody is abusing them',
  );
}

const longestPage = 300;

/** Without what stands behind a `?`: there may be something of a person in it. */
function pageOf(c: Context<Env>, own: string): string {
  const page = c.req.header('referer') ?? c.req.header('origin') ?? '';
  const url = page.length > 2000 ? null : URL.parse(page);
  if (!url || !/^https?:$/.test(url.protocol)) return own;
  return `${url.origin}${url.pathname}`.slice(0, longestPage);
}

interface Told {
  words: Wording;
  title: string;
  text: string;
  status?: 413 | 429;
}

function tell(c: Context<Env>, { words, title, text, status }: Told) {
  const page = formPage({ words, title, body: html`<p>${text}</p>` });
  const more = status === 429 ? { 'Retry-After': '3600' } : {};
  return c.html(page, status ?? 200, { ...doorHeaders, ...more });
}

interface Shown {
  form: DoorForm;
  words: Wording;
  values?: FormValues;
  wrong?: Wrong;
  hasChanged?: boolean;
}

function showForm({ form, words, values, wrong, hasChanged = false }: Shown) {
  const { text, version } = agreed(words, form);
  const mail = { id: 'mail', type: 'email', label: words.mail, autocomplete: 'email' };
  const name = { id: 'name', type: 'text', label: words.name, autocomplete: 'name' };
  const body = html`${hasChanged ? html`<p class="wrong" role="alert">${words.changed}</p>` : ''}
    <form method="post">
      ${field({ ...mail, value: values?.mail, wrong: wrong?.mail ? words.wrongMail : undefined })}
      ${field({
        ...name,
        value: values?.name,
        optional: words.optional,
        wrong: wrong?.name ? words.wrongName : undefined,
        isSecond: wrong?.mail ?? false,
      })}
      <div class="away" aria-hidden="true">
        <label>
          ${words.leaveEmpty}
          <input name="${trap}" tabindex="-1" autocomplete="off" />
        </label>
      </div>
      <input type="hidden" name="version" value="${version}" />
      <p id="consent">${text}</p>
      <button aria-describedby="consent">${words.send}</button>
    </form>
    <script defer src="../f.js"></script>`;
  const title = `${words.formTitle}: ${form.titles.join(', ')}`;
  return formPage({ words, title: wrong ? `${words.error}: ${title}` : title, body });
}

interface Field {
  id: string;
  type: string;
  label: string;
  autocomplete: string;
  value: string | undefined;
  wrong: string | undefined;
  optional?: string;
  /** Another one before it is wrong, too: that one is looked at first. */
  isSecond?: boolean;
}

function field({ id, type, label, autocomplete, value, wrong, optional, isSecond }: Field) {
  const described = wrong ? html`aria-invalid="true" aria-describedby="${id}-wrong"` : '';
  const focus = wrong && !isSecond ? html`autofocus` : '';
  const needed = optional === undefined ? html`required` : '';
  return html`<label for="${id}">${label}${optional ? ` (${optional})` : ''}</label>
    <input
      id="${id}"
      name="${id}"
      type="${type}"
      autocomplete="${autocomplete}"
      value="${value ?? ''}"
      ${needed}
      ${described}
      ${focus}
    />
    ${wrong ? html`<p class="wrong" id="${id}-wrong">${wrong}</p>` : ''}`;
}
