import { html } from 'hono/html';
import type { HtmlEscapedString } from 'hono/utils/html';

export type Html = HtmlEscapedString | Promise<HtmlEscapedString>;

/** One look for light and dark; no script, nothing from elsewhere. */
export const style = `
:root { color-scheme: light dark; --ink: light-dark(#1c2430, #e8ecf2); --dim: light-dark(#5c6776, #9aa6b6); --line: light-dark(#e2e6ec, #2b3340);
  --ground: light-dark(#f7f8fa, #12161c); --card: light-dark(#ffffff, #1a2029); --accent: light-dark(#0b6e6e, #4fc3c0); --bad: light-dark(#a8321f, #ff9d8a); }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 70rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; display: grid; gap: 1.25rem; }
header { display: flex; flex-wrap: wrap; gap: .5rem 1.5rem; align-items: baseline; justify-content: space-between; }
h1 { font-size: 1.35rem; margin: 0; letter-spacing: -.01em; } h1 span { color: var(--accent); }
h2 { font-size: 1rem; margin: 0 0 .75rem; }
section { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 1.1rem 1.25rem; overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .925rem; }
th { text-align: left; font-weight: 600; color: var(--dim); } th, td { padding: .35rem .9rem .35rem 0; vertical-align: top; border-bottom: 1px solid var(--line); }
tr:last-child td { border-bottom: 0; } td:first-child, time { white-space: nowrap; font-variant-numeric: tabular-nums; }
a { color: var(--accent); } .dim { color: var(--dim); } .bad { color: var(--bad); }
.pill { border: 1px solid currentColor; border-radius: 99px; padding: .1rem .7rem; font-size: .85rem; color: var(--accent); } .pill.off { color: var(--bad); }
@media (max-width: 44rem) {
  table, tbody, tr, td { display: block; } tr:has(th) { display: none; }
  tr { padding: .6rem 0; border-bottom: 1px solid var(--line); } tr:last-child { border-bottom: 0; }
  td { border: 0; padding: .05rem 0; overflow-wrap: anywhere; } td:empty { display: none; } td[data-unit]::after { content: ' ' attr(data-unit); } td:first-child { font-weight: 600; white-space: normal; }
}
`;

export function layout(title: string, body: Html): Html {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta http-equiv="refresh" content="10" />
        <title>${title}</title>
        <link rel="stylesheet" href="/style.css" />
      </head>
      <body>
        ${body}
      </body>
    </html>`;
}
