import { randomUUID } from 'node:crypto';
import type { Context } from 'hono';
import { html } from 'hono/html';
import type { Command, CommandContext, Input } from '../commands/command.ts';
import { commands } from '../commands/all-commands.ts';
import { looking } from '../commands/verbs/look.ts';
import { stats } from '../commands/stats/stats.ts';
import { Refusal } from '../core/problem.ts';
import { StoreError } from '../ports/store.ts';
import type { Html } from './parts/html.ts';
import { type Env, type Form, hasToken, readForm, toLocalPath } from './access/visit.ts';

export interface Flash {
  text: string;
  undo?: boolean;
}

/** What the last action of each visitor came to, until a page has shown it. */
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

/**
 * What a page looks at is asked of the store directly: only verbs that change something are done
 * here.
 */
const verbs = new Map(
  commands
    .filter((command) => command !== stats && !looking.includes(command))
    .map((command) => [command.name, command]),
);
const by = 'web';
/** A page does not keep anybody waiting for long. */
const waitSeconds = '10';

export interface ActionParts {
  context: CommandContext;
  flashes: Flashes;
  frame(title: string, body: Html): Html;
}

/** POST /do/<verb>: does it as `web`, and goes back to the page that it was said on. */
export async function act(
  c: Context<Env>,
  { context, flashes, frame }: ActionParts,
): Promise<Response> {
  const form = await readForm(c);
  const visit = c.get('visit');
  const back = toLocalPath(form.first('back'));
  if (!hasToken(c, form)) {
    flashes.put(visit.key, {
      text: 'Nothing was done: the page was from before a restart or a login. Please say it again.',
    });
    return c.redirect(back, 303);
  }
  const command = verbs.get(c.req.param('verb') ?? '');
  if (!command) return c.text('There is no such verb.', 404);
  const input = toInput(command, form);
  if (command.confirm && input.options['yes'] !== true)
    return c.html(frame('Sure?', confirmation(command, command.confirm(input), form, back)));
  flashes.put(visit.key, await run(command, context, input));
  return c.redirect(back, 303);
}

function toInput({ args: usage = '', options: known = [] }: Command, form: Form): Input {
  const words = form.all('arg').map((word) => word.trim());
  // What was left empty in the middle keeps its place.
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
    return { text, ...((await canBeUndone(context, command)) ? { undo: true } : {}) };
  } catch (error) {
    if (error instanceof Refusal || error instanceof StoreError) return { text: error.message };
    throw error;
  }
}

/** The journal has what was there before; and what is out cannot be taken back. */
async function canBeUndone({ store }: CommandContext, command: string): Promise<boolean> {
  const entries = (await store.listJournal({ by, limit: 100 })).filter(
    ({ data }) => data?.['command'] === command,
  );
  return entries.some(
    ({ type, data }) =>
      type !== 'now' &&
      (data?.['pause'] !== undefined ||
        (Array.isArray(data?.['before']) && data['before'].length > 0)),
  );
}

/** The same form once more, with its question. */
const confirmation = (command: Command, question: string, form: Form, back: string) =>
  html`<main class="login">
    <h1>${question}</h1>
    <form method="post" action="/do/${command.name}">
      ${form.entries.filter(([name]) => name !== 'opt-yes').map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`)}
      <input type="hidden" name="opt-yes" value="true" />
      <button class="button danger">Yes, ${command.name}</button>
      <a class="button" href="${back}">No</a>
    </form>
  </main>`;
