import { createHash } from 'node:crypto';
import { html, raw } from 'hono/html';
import type { HtmlEscapedString } from 'hono/utils/html';

const style = [
  ':root{color-scheme:light dark;font:17px/1.6 system-ui,sans-serif}',
  'html{background:light-dark(#fff,#16181c);color:light-dark(#1b1d21,#e9eaec)}',
  'body{max-width:32rem;margin:12vh auto;padding:0 1.5rem}',
  'h1{font-size:1.35rem;font-weight:600}',
  'button{font:inherit;padding:.7rem 1.4rem;border:0;border-radius:8px;cursor:pointer;' +
    'background:light-dark(#0a5fc4,#6aaeff);color:light-dark(#fff,#000);margin:.5rem .5rem 0 0}',
  'button.large{display:block;width:100%;padding:1.1rem;font-size:1.15rem}',
  'label,.field{display:block;margin:1rem 0 0}',
  'input{font:inherit;box-sizing:border-box;width:100%;padding:.6rem;border-radius:8px;' +
    'border:1px solid light-dark(#6b7280,#9ca3af);background:Canvas;color:CanvasText}',
  'input[type=checkbox]{width:1.2rem;height:1.2rem;margin:0 .6rem 0 0;vertical-align:-.2rem}',
  'fieldset{border:0;border-top:1px solid light-dark(#6b7280,#9ca3af);margin:2rem 0 0;padding:0}',
  'legend{font-weight:600;padding:0 .6rem 0 0}',
  'input[aria-invalid]{border:2px solid light-dark(#b3261e,#ff8a80)}',
  '.wrong{color:light-dark(#b3261e,#ff8a80);margin:.2rem 0 0}',
  '.away{position:absolute;left:-9999px}',
  'button.plain{background:none;color:inherit;text-decoration:underline}',
].join('');

/** Nothing of these pages is fetched from anywhere else. */
const pagePolicy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`,
  "script-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');

/** With every answer: given at once, since what is added later costs more than all the rest. */
export const doorHeaders = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': pagePolicy,
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Robots-Tag': 'noindex',
};

const page = (title: string, text: string) =>
  formPage({ words: { lang: 'en' }, title, body: html`<p>${text}</p>` });

interface FormPage {
  words: { lang: string };
  title: string;
  body: HtmlEscapedString | Promise<HtmlEscapedString>;
}

// Written whole: with a space more, its digest in the policy would be another one.
const styled = raw(`<style>${style}</style>`);

/** A page in the reader's language. */
export const formPage = ({ words, title, body }: FormPage) =>
  html`<!doctype html>
    <html lang="${words.lang}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        ${styled}
      </head>
      <body>
        <main>
          <h1>${title}</h1>
          ${body}
        </main>
      </body>
    </html> `;

export const absentPage = () =>
  page('There is nothing here', 'The address may be incomplete: look at it once more.');

export const laterPage = () =>
  page('Please try again in a moment', 'What is behind this address cannot be looked up just now.');
