import { randomUUID } from 'node:crypto';
import type { Context } from 'hono';
import { html } from 'hono/html';
import type { Command, CommandContext, Input } from '../commands/command.ts';
import { changing } from '../commands/all-commands.ts';
import { commandIn } from '../core/journal.ts';
import { Refusal } from '../core/problem.ts';
import { StoreError } from '../ports/store.ts';
import type { Html } from './parts/html.ts';
import { type Env, type Form, hasToken, readForm, toLocalPath } from './access/visit.ts';

export interface Flash {
  text: string;
  undo?: boolean;
}

/** The result of each visitor's last action, until a page has shown it. */
export interface Flashes {
  put(key: string, flash: Flash): void;
  take(key: string): Flash | undefined;
}

const mostFlashes = 500;

export function openFlashes(): Flashes {
  const kept = new Map<string, Flash>();
  return {
    put(key, flash) {
      kept.set(key, flash);
      if (kept.size > mostFlashes) kept.delete(kept.keys().next().value ?? '');
    },
    take(key) {
      const flash = kept.get(key);
      kept.delete(key);
      return flash;
    },
  };
}

/** Only verbs that change something. Pages read the store directly. */
const verbs = new Map(changing.map((command) => [command.name, command]));
const by = 'web';
/** A page must not take long. */
const waitSeconds = '10';

export interface ActionParts {
  context: CommandContext;
  flashes: Flashes;
  frame(title: string, body: Html): Html;
}

/** POST /do/<verb>: runs the verb as `web`, and goes back to the page of the form. */
export async function act(
  c: Context<Env>,
  { context, flashes, frame }: ActionParts,
): Promise<Response> {
  const form = await readForm(c);
  const visit = c.get('visit');
  const back = toLocalPath(form.first('back'));
  if (!hasToken(c, form)) {
    flashes.put(visit.key, { text: staleForm });
    return c.redirect(back, 303);
  }
  const command = verbs.get(c.req.param('verb') ?? '');
  if (!command) return c.text('There is no such command.', 404);
  if (form.first('many') && !form.all('id').length) {
    flashes.put(visit.key, { text: 'Nothing was done: no post is selected. Tick some first.' });
    return c.redirect(back, 303);
  }
  const input = toInput(command, form);
  if (command.confirm && input.options['yes'] !== true)
    return c.html(frame('Sure?', confirmation(command, command.confirm(input), { form, back })));
  flashes.put(visit.key, await run(command, context, input));
  return c.redirect(back, 303);
}

const staleForm =
  'Nothing was done, because the page was loaded before a restart or a login. Please try again.';

/** The ticked posts of a list, or the one of a form. `with` names the field of the button. */
function argumentsOf(form: Form): string[] {
  const ids = form.all('id').join(',');
  const field = form.first('with');
  const typed = field === undefined ? [] : [form.first(field) ?? ''];
  return [...(ids ? [ids] : []), ...form.all('arg'), ...typed];
}

function toInput({ args: usage = '', options: known = [] }: Command, form: Form): Input {
  const words = argumentsOf(form).map((word) => word.trim());
  // An empty argument in the middle keeps its place.
  while (words.at(-1) === '') words.pop();
  const last =
    usage.endsWith('...]') || usage.endsWith('...>') ? words.pop()?.split(/\s+/) : undefined;
  const options: Input['options'] = {};
  for (const { name, value } of known) {
    const key = name.replace(/^--/, '');
    const given = form.first(`opt-${key}`)?.trim();
    if (given) options[key] = value === undefined ? given === 'true' : given;
    else if (key === 'wait') options[key] = waitSeconds;
  }
  return { args: [...words, ...(last ?? [])], options };
}

async function run(verb: Command, context: CommandContext, input: Input): Promise<Flash> {
  const command = randomUUID();
  try {
    const { text } = await verb.run({ ...context, by, command }, input);
    return { text, undo: await canBeUndone(context, command) };
  } catch (error) {
    if (error instanceof Refusal || error instanceof StoreError)
      return { text: error.message, undo: await canBeUndone(context, command).catch(() => false) };
    throw error;
  }
}

/** Whether the journal contains the previous state. A published post cannot be undone. */
async function canBeUndone({ store }: CommandContext, command: string): Promise<boolean> {
  const entries = await store.listJournal({ by, limit: 100 });
  return entries.some((entry) => {
    const done = commandIn(entry);
    if (done?.command !== command || entry.type === 'now') return false;
    if (done.person !== undefined || entry.type === 'printed') return true;
    return done.pause !== undefined || done.file !== undefined || done.before.length > 0;
  });
}

/** The same form again, with its question. */
function confirmation(
  command: Command,
  question: string,
  { form, back }: { form: Form; back: string },
): Html {
  const fields = form.entries
    .filter(([name]) => name !== 'opt-yes')
    .map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`);
  return html`<main class="login">
    <h1>${question}</h1>
    <form method="post" action="/do/${command.name}">
      ${fields}
      <input type="hidden" name="opt-yes" value="true" />
      <button class="button danger">Yes, ${command.name}</button>
      <a class="button" href="${back}">No</a>
    </form>
  </main>`;
}
