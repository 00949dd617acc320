import { toOneLine } from '../../core/people/mail/mailbox.ts';
import {
  hintForVariable,
  isStepVariable,
  splitVariable,
  stepVariable,
} from '../../core/people/step-variables.ts';
import { literalBraces } from '../../core/post/fill-in.ts';
import { findAddresses } from '../../core/text/links.ts';
import { findWeightedLinks } from '../../core/text/weighted-links.ts';

/** What variables may stand for. */
export interface Values {
  /** Of the person: whoever filled in a form wrote them. */
  fields: Record<string, string>;
  /** Of the step's front matter. */
  params: Record<string, string>;
  coupon?: string | undefined;
  /** Addresses of our own, the only ones that may stand for a whole link. */
  urls: { link?: string | undefined; unsubscribe?: string | undefined };
}

export type Complain = (what: string, hint: string) => void;

const longestName = 60;
const longestField = 200;
const literals = new RegExp(literalBraces, 'g');

/** Each `{{name | fallback}}` of a text with its value; one without is complained of, by name. */
export function fillText(text: string, values: Values, complain: Complain): string {
  return fill(text, (inside) => valueOf(inside, values, complain));
}

const fill = (text: string, value: (inside: string) => string): string =>
  text
    .split(literals)
    .map((piece) => piece.replaceAll(stepVariable, (_, inside: string) => value(inside)))
    .join('{{');

/** `{{link}}` or `{{unsubscribe}}` alone: addresses of our own, which stay as they are. */
export function ownAddress(written: string): 'link' | 'unsubscribe' | undefined {
  const name = /^\{\{([^{}\n|]*)\}\}$/.exec(written.trim())?.[1]?.trim();
  return name === 'link' || name === 'unsubscribe' ? name : undefined;
}

/** The link as it is for somebody of whom nothing is known. */
export const bareOf = (url: string, values: Values): string =>
  fillLink(url, { ...values, fields: {}, coupon: undefined }, () => undefined);

/**
 * A link with its values encoded. Where it leads to is never up to a value: scheme and host stay
 * the same whatever stands for the variables.
 */
export function fillLink(url: string, values: Values, complain: Complain): string {
  const [one, other] = ['a1', 'b2'].map((value) => targetOf(fill(url, () => value)));
  if (one !== other)
    complain(
      `the link ${cut(url)} would lead where a variable says`,
      'write its scheme and host into the text',
    );
  return fill(url, (inside) => encodeURIComponent(valueOf(inside, values, complain)));
}

const targetOf = (url: string): string | undefined => {
  const parsed = URL.parse(url);
  if (!parsed) return url;
  const { protocol, username, host, pathname } = parsed;
  return `${protocol}${username}@${/^https?:$/.test(protocol) ? host : pathname}`;
};

export const cut = (text: string): string =>
  text.length > 80 ? `${text.slice(0, 79)}…` : text.replaceAll(literals, '{{');

function valueOf(inside: string, values: Values, complain: Complain): string {
  const { name, fallback: written } = splitVariable(inside);
  const fallback = written === undefined ? undefined : toOneLine(written);
  if (!isStepVariable(name)) {
    complain(`there is no variable {{${cut(name)}}}`, hintForVariable(name));
    return '';
  }
  const found = lookUp(name, values);
  const value = found === undefined || found === '' ? fallback : found;
  if (value === undefined)
    complain(
      `{{${cut(name)}}} has no value for this person`,
      `write a fallback, such as {{${cut(name)} | there}}, or add the value`,
    );
  return value ?? '';
}

function lookUp(name: string, { fields, params, coupon, urls }: Values): string | undefined {
  const [first, ...rest] = name.split('.');
  const key = rest.join('.');
  if (first === 'person') return fieldOf(fields, key);
  if (first === 'params') return Object.hasOwn(params, key) ? params[key] : undefined;
  if (name === 'coupon') return coupon && toOneLine(coupon);
  if (name === 'link' || name === 'unsubscribe') return urls[name];
  return undefined;
}

/**
 * People write what they like into a form, and others read it under our name: a name has sixty
 * characters and is no address of a page. Otherwise it counts as not given.
 */
function fieldOf(fields: Record<string, string>, key: string): string | undefined {
  const written = Object.hasOwn(fields, key) ? toOneLine(fields[key] ?? '') : undefined;
  if (written === undefined) return undefined;
  const isName = /name$/i.test(key);
  const value = [...written].slice(0, isName ? longestName : longestField).join('');
  const links = [...findAddresses(written), ...(isName ? findWeightedLinks(written) : [])];
  return links.length > 0 || /[a-z]:\/\//i.test(written) ? undefined : value.trim();
}
