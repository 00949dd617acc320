import { toHtml, toJson, type Answer, type Route } from '../http/routing.ts';
import type { World } from '../world/world.ts';
import {
  inboxOf,
  renderInbox,
  renderInboxes,
  renderMailFrame,
  renderMailPage,
} from './inbox-html.ts';
import { type SandboxMail, toAcceptedMail } from './kept-mails.ts';

interface Context {
  world: World;
  guards: Record<string, string>;
  toPage: (html: string) => Answer;
  none: () => Answer;
}

/** What a mail may do: look like something. Nothing is fetched for it, and no script runs. */
const framePolicy = [
  "default-src 'none'",
  "img-src 'self' data:",
  "style-src 'unsafe-inline'",
  "form-action 'none'",
  "frame-ancestors 'self'",
  'sandbox allow-popups allow-popups-to-escape-sandbox',
].join('; ');

/** Inboxes, for people; and all mails as JSON, oldest first. */
export function mailRoutes({ world, guards, toPage, none }: Context): Route[] {
  const find = (params: Record<string, string>): SandboxMail | undefined =>
    inboxOf(world, decode(params.address)).find(({ id }) => id === params.id);
  const withFrame = (html: string) => {
    const answer = toPage(html);
    const policy = `${guards['content-security-policy']}; frame-src 'self'`;
    return { ...answer, headers: { ...answer.headers, 'content-security-policy': policy } };
  };
  const routes: [string, Route['handle']][] = [
    ['/mail', () => toPage(renderInboxes(world))],
    ['/mail.json', () => toJson(200, world.mails().map(toAcceptedMail), guards)],
    [
      '/mail/:address',
      ({ params }) => {
        const mails = inboxOf(world, decode(params.address));
        return mails.length > 0 ? toPage(renderInbox(world, mails)) : none();
      },
    ],
    [
      '/mail/:address/:id',
      ({ params }) => {
        const mail = find(params);
        return mail ? withFrame(renderMailPage(world, mail)) : none();
      },
    ],
    [
      '/mail/:address/:id/html',
      ({ params }) => {
        const mail = find(params);
        const headers = { ...guards, 'content-security-policy': framePolicy };
        return mail ? toHtml(200, renderMailFrame(mail), headers) : none();
      },
    ],
  ];
  return routes.map(([path, handle]) => ({ method: 'GET', path, handle }));
}

function decode(text = ''): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
