import type { Context } from 'hono';
import { html } from 'hono/html';
import { plural } from '../../core/plural.ts';
import { second } from '../../core/time.ts';
import type { Attempts } from './attempts.ts';
import { deviceOf, keepDevice } from './device.ts';
import type { Html } from '../parts/html.ts';
import type { Door } from './password.ts';
import type { Sessions } from './login-session.ts';
import { dropSession, type Env, hasToken, keepSession, readForm, toLocalPath } from './visit.ts';

export interface LoginParts {
  door: Door;
  sessions: Sessions;
  attempts: Attempts;
  /** A page without navigation, for people who are not logged in. */
  frame(title: string, body: Html): Html;
}

const longestPassword = 1024;

export function showLogin(
  c: Context<Env>,
  { door, frame }: LoginParts,
  told?: string,
): Response | Promise<Response> {
  const { isIn, csrf } = c.get('visit');
  const back = toLocalPath(c.req.query('back'));
  if (isIn) return c.redirect(back, 303);
  const { isMade } = door;
  return c.html(frame('Log in', loginForm({ csrf, back, told, isMade })));
}

interface LoginForm {
  csrf: string;
  back: string;
  /** Why the last try failed. */
  told?: string | undefined;
  /** Nobody has chosen the password, so people have to be told where it is. */
  isMade: boolean;
}

const whereItIs = html`<p class="dim small">
  Dripline made a password at its first start, and wrote it to its log once. To choose your own, set
  <code>web.password</code> in the configuration and restart Dripline.
</p>`;

const loginForm = ({ csrf, back, told, isMade }: LoginForm) =>
  html`<main class="login">
    <h1>Dripline</h1>
    ${told === undefined ? '' : html`<p class="bad" role="alert">${told}</p>`}
    <form method="post" action="/login">
      <input type="hidden" name="csrf" value="${csrf}" />
      <input type="hidden" name="back" value="${back}" />
      <label class="field">
        <span>Password</span>
        <input type="password" name="password" required autofocus autocomplete="current-password" />
      </label>
      <button class="button main">Log in</button>
    </form>
    ${isMade ? whereItIs : ''}
  </main>`;

export async function logIn(c: Context<Env>, parts: LoginParts): Promise<Response> {
  const { door, sessions, attempts, frame } = parts;
  const { caller, csrf } = c.get('visit');
  const form = await readForm(c);
  const back = toLocalPath(form.first('back'));
  const again = (status: 401 | 403 | 429, told: string) =>
    c.html(frame('Log in', loginForm({ csrf, back, told, isMade: door.isMade })), status);
  if (!hasToken(c, form)) return again(403, 'This form has expired. Enter the password again.');
  const device = deviceOf(c, door);
  const attempt = await attempts.begin({
    name: device ?? caller.address,
    isKnown: device !== undefined,
    gone: c.req.raw.signal,
  });
  if (attempt.wait > 0) {
    const seconds = Math.ceil(attempt.wait / second);
    c.header('Retry-After', String(seconds));
    return again(
      429,
      `Too many wrong passwords. Wait ${plural(seconds, 'second')}, then try again.`,
    );
  }
  const password = form.first('password') ?? '';
  if (password.length > longestPassword || !(await door.isRight(password)))
    return again(401, 'Wrong password.');
  attempt.succeed();
  keepSession(c, door, await sessions.begin());
  keepDevice(c, door);
  return c.redirect(back, 303);
}

export async function logOut(c: Context<Env>, { door, sessions }: LoginParts): Promise<Response> {
  const { session } = c.get('visit');
  if (!hasToken(c, await readForm(c)))
    return c.text('This form has expired. Reload the page.', 403);
  if (session !== undefined) await sessions.end(session);
  dropSession(c, door);
  return c.redirect('/login', 303);
}
