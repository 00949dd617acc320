import { isIP } from 'node:net';
import { z } from 'zod';
import { address, hint, secret } from '../schema-values.ts';

// What is reached from outside.

const portHint = hint('not a port', 'use a whole number up to 65535');
export const port = z
  .union([z.number(), z.string()], { error: portHint })
  .refine((value) => /^\d{1,5}$/.test(String(value)) && Number(value) <= 65535, {
    error: portHint,
  });

const proxyHint = hint('not an IP address or a network', 'write it as 127.0.0.1 or 10.0.0.0/8');
const proxy = z.string({ error: proxyHint }).refine(isNetwork, { error: proxyHint });
/** One or several. */
export const proxies = z.union([proxy, z.array(proxy)], { error: proxyHint });

/** Codes are put behind it, and everybody reads it: it ends nowhere else, and is no secret. */
const publicUrl = address
  .refine((url) => !/[?#]/.test(url), {
    error: hint('has a ? or a #', 'write it as https://go.example.com'),
  })
  .refine((url) => !/^https?:\/\/[^/?#]*@/i.test(url), {
    error: hint('has a name or a password in it', 'write it as https://go.example.com'),
  })
  // A name with an umlaut goes into mails and posts as browsers send it.
  .transform((url) => new URL(url).href.replace(/\/+$/, ''));

const originHint = hint('not a site', 'write a list such as [https://example.com]');
/** As browsers say it. */
const origin = z
  .string({ error: originHint })
  .refine((text) => /^https?:\/\/[^/?#@\s]+\/?$/i.test(text) && URL.canParse(text), {
    error: originHint,
  })
  .transform((text) => new URL(text).origin);

export const publicDoor = z.strictObject({
  url: publicUrl.describe('Where people reach it, through your reverse proxy'),
  host: z.string().min(1).describe('The address or name that it listens on (127.0.0.1)').optional(),
  port: port.optional(),
  trustedProxy: proxies
    .describe('Proxies whose X-Forwarded-For is used (web.trustedProxy, else this machine)')
    .optional(),
  visits: z
    .array(origin, { error: originHint })
    .describe('Sites of yours that tell visits of people who came by a mail: https://example.com')
    .optional(),
});

/** So that nobody tries all of them. */
const shortestToken = 20;

const longEnough = secret.min(
  shortestToken,
  hint('is too short', `use ${shortestToken} characters or more`),
);
const shop = (told: string) => z.strictObject({ secret: longEnough.describe(told) }).optional();

export const events = z
  .strictObject({
    token: longEnough.describe('Bearer token of whoever tells events').optional(),
    woocommerce: shop('The secret of its webhooks, which come to /e/woocommerce'),
    shopify: shop('The signing secret of its webhooks, which come to /e/shopify'),
  })
  .refine((told) => Object.values(told).some((one) => one !== undefined), {
    error: hint('says nobody who may tell them', 'add token:, woocommerce: or shopify:'),
  });

const linksHint = hint('neither counted nor off', 'write counted, off, or { url: https://… }');

export const links = z.union(
  [z.enum(['counted', 'off'], { error: linksHint }), z.strictObject({ url: publicUrl })],
  {
    error: linksHint,
  },
);

/** `10.1.2.3`, `10.0.0.0/8`, `fd00::/8`. */
function isNetwork(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/');
  const most = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  return (
    rest.length === 0 &&
    most > 0 &&
    (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most))
  );
}
