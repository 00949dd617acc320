import { toOneLine } from '../../core/people/mail/mailbox.ts';
import { whyNoMailAddress } from '../../core/people/person.ts';
import { findWeightedLinks } from '../../core/text/weighted-links.ts';

export interface FormValues {
  mail: string;
  name: string;
  /** Of the words that were shown; a form of another site has none. */
  version: string | undefined;
  /** What the browser has worked out; empty: nothing. */
  work: string;
  /** A program filled in what no person sees. */
  isTrapped: boolean;
  fields: Record<string, string>;
}

export const trap = 'leave_empty';

const longestMail = 254;
const longestWork = 5000;
const longestName = 60;
const longestValue = 200;
const mostFields = 20;
const key = /^[a-z][a-z0-9_-]{0,39}$/i;
const own = new Set(['mail', 'email', 'name', 'version', 'work', trap, 'constructor']);

/** What a form says, cut: the first of each name counts. */
export function readForm(form: URLSearchParams): FormValues {
  const fields: Record<string, string> = {};
  for (const [name, value] of form) {
    const text = toOneLine(value.slice(0, 2 * longestValue)).slice(0, longestValue);
    if (Object.keys(fields).length >= mostFields) break;
    if (own.has(name.toLowerCase()) || !key.test(name) || text === '') continue;
    if (!Object.hasOwn(fields, name)) fields[name] = text;
  }
  const name = toOneLine((form.get('name') ?? '').slice(0, 2 * longestValue));
  if (name !== '') fields['name'] = name;
  return {
    mail: (form.get('mail') ?? form.get('email') ?? '').slice(0, 2 * longestMail).trim(),
    name,
    version: form.get('version')?.slice(0, 100) ?? undefined,
    work: (form.get('work') ?? '').slice(0, longestWork),
    isTrapped: (form.get(trap) ?? '') !== '',
    fields,
  };
}

/** Nobody reads them for himself. */
const roles = /^(?:abuse|postmaster|mailer-daemon|noreply|no-reply)@/i;

export interface Wrong {
  mail: boolean;
  name: boolean;
}

/** Undefined: it can be taken as it is. */
export function whatIsWrong({ mail, name }: FormValues): Wrong | undefined {
  const wrong = {
    mail: whyNoMailAddress(mail) !== undefined || roles.test(mail),
    name:
      [...name].length > longestName ||
      /[a-z]:\/\//i.test(name) ||
      findWeightedLinks(name).length > 0,
  };
  return wrong.mail || wrong.name ? wrong : undefined;
}
