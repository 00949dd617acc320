import { createHmac, timingSafeEqual } from 'node:crypto';

/** A webhook of a shop, as it came. */
export interface ShopCall {
  header(name: string): string | undefined;
  body: Buffer;
}

/** An event in the words of `/e`, which looks at it as at every other. */
export interface ShopItem {
  id: string;
  person: { email: string };
  event: string;
  at?: string;
  data?: Record<string, unknown>;
}

/** How a shop's own webhooks are read: `/e/NAME` of the public door. */
export interface Shop {
  name: string;
  /** Of the whole body, in Base64. */
  signatureHeader: string;
  /** A call that only asks whether somebody is there, and is not signed. */
  isPing?(call: ShopCall): boolean;
  /** Nothing: what it tells is not about a person's cart or order. */
  read(value: Fields, call: ShopCall): ShopItem[];
}

export type Fields = Record<string, unknown>;

export const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};

export const textOf = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value).trim().slice(0, 500) : '';

const longestTitle = 60;
const mostTitles = 10;

/** Names of what is in a cart or an order, in one line. */
export const titlesOf = (items: unknown, key: string): string =>
  (Array.isArray(items) ? items : [])
    .slice(0, mostTitles)
    .map((one) => textOf(fieldsOf(one)[key]).slice(0, longestTitle))
    .filter((title) => title !== '')
    .join(', ');

const digest = (text: string) => createHmac('sha256', 'compare').update(text).digest();

/** In the same time whatever is sent. */
export function isSigned({ body, header }: ShopCall, name: string, secret: string): boolean {
  const right = createHmac('sha256', secret).update(body).digest('base64');
  return timingSafeEqual(digest((header(name) ?? '').slice(0, 500).trim()), digest(right));
}
