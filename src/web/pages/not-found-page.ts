import { html } from 'hono/html';
import type { Html } from '../parts/html.ts';
import { empty, head } from '../parts/bits.ts';
import type { PageResult } from '../parts/page.ts';

export const notFound = (text: Html | string): PageResult => ({
  title: 'Not found',
  status: 404,
  body: html`${head('Not found')} ${empty(text)}`,
});
