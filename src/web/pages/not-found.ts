import { html } from 'hono/html';
import type { Html } from '../html.ts';
import { empty, head } from './parts.ts';
import type { PageResult } from './page.ts';

export const notFound = (text: Html | string): PageResult => ({ title: 'Not found', status: 404, body: html`${head('Not found')} ${empty(text)}` });
