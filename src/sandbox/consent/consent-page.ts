import { toHtml, type Answer } from '../http/routing.ts';

const marks: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escape = (text: string) => text.replaceAll(/[&<>"']/g, (mark) => marks[mark] ?? mark);

const style = `:root { color-scheme: light dark; }
body { max-width: 32rem; margin: 3rem auto; padding: 0 1rem; font: 16px/1.5 system-ui, sans-serif; }
button, select { font: inherit; padding: .4rem .9rem; margin: .25rem .5rem .25rem 0; }
code { font-size: 1.25rem; }`;

const page = (title: string, body: string) => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)}</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>${escape(title)}</h1>
${body}
</main>
</body>
</html>`;

export interface ConsentPage {
  title: string;
  /** What the app would be allowed to do. */
  asked: string[];
  /** Who may be signed in as, by handle. */
  people: string[];
  action: string;
  hidden: Record<string, string>;
}

/** Signing in and consent in one: whoever sits at the sandbox is everybody there. */
export function toConsentPage({ title, asked, people, action, hidden }: ConsentPage): Answer {
  const fields = Object.entries(hidden).map(
    ([name, value]) => `<input type="hidden" name="${escape(name)}" value="${escape(value)}">`,
  );
  const options = people.map((one) => `<option>${escape(one)}</option>`);
  const list = asked.map((one) => `<li>${escape(one)}</li>`);
  return toHtml(
    200,
    page(
      title,
      `<ul>${list.join('')}</ul>
<form method="post" action="${escape(action)}">
${fields.join('\n')}
<p><label>Account <select name="account">${options.join('')}</select></label></p>
<button name="decision" value="allow">Authorize</button>
<button name="decision" value="deny">Deny</button>
</form>`,
    ),
  );
}

export const toCodePage = (title: string, about: string, code: string): Answer =>
  toHtml(200, page(title, `<p>${escape(about)}</p>\n<p><code>${escape(code)}</code></p>`));

export const toRefusalPage = (status: number, title: string, about: string): Answer =>
  toHtml(status, page(title, `<p>${escape(about)}</p>`));
