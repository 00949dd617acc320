import { networks } from '../../core/network/network.ts';
import { rowOf } from '../world/network-rows.ts';

/** The page's look; no font, script or picture comes from elsewhere. */
export const style = `:root {
  --paper: #f6f7f8; --sheet: #fff; --ink: #17202a; --quiet: #5b6773; --line: #dfe4e8;
  --link: #0b63b5;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #10161c; --sheet: #18212a; --ink: #e8edf1; --quiet: #9aa8b4; --line: #2b3742;
    --link: #7cbcff;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif;
}
a { color: var(--link); text-decoration: none; }
a:hover { text-decoration: underline; }
a:focus-visible, summary:focus-visible {
  outline: 2px solid var(--link); outline-offset: 2px; border-radius: 4px;
}
.top, main { max-width: 40rem; margin: 0 auto; padding: 0 1rem; }
.top { padding-top: 1.5rem; }
.top h1 { margin: 0; font-size: 1.5rem; }
.top h1 a { color: inherit; }
.top p { margin: .25rem 0 0; color: var(--quiet); }
nav { display: flex; flex-wrap: wrap; gap: .5rem; margin: 1rem 0; }
nav a {
  padding: .3rem .8rem; border: 1px solid var(--line); border-radius: 2rem;
  background: var(--sheet); color: var(--ink);
}
nav a b { color: var(--quiet); font-weight: 500; }
nav a[aria-current] { border-color: var(--link); box-shadow: inset 0 0 0 1px var(--link); }
.pages { justify-content: space-between; margin-bottom: 3rem; }
.thread {
  margin: 0 0 1rem; border: 1px solid var(--line); border-left: 4px solid var(--mark);
  border-radius: 10px; background: var(--sheet);
}
${networks.map((network) => `.${network} { --mark: ${rowOf(network).mark}; }`).join(' ')}
article { padding: 1rem; }
article + article { padding-top: .75rem; border-top: 1px dashed var(--line); }
article header { display: flex; gap: .75rem; align-items: center; line-height: 1.35; }
article header img { border-radius: 50%; flex: none; }
.network { color: var(--mark); font-size: .85rem; font-weight: 600; }
.quiet, .quiet a { color: var(--quiet); font-size: .875rem; }
.text { margin: .75rem 0; white-space: pre-wrap; overflow-wrap: anywhere; }
.tag { color: var(--link); }
details summary {
  margin: .75rem 0 0; padding: .5rem .75rem; border-radius: 8px; background: var(--paper);
  cursor: pointer;
}
details summary::after { content: " — show"; color: var(--quiet); }
details[open] summary::after { content: " — hide"; }
.pictures { display: grid; gap: .5rem; margin: .75rem 0; }
.n2, .n3, .n4 { grid-template-columns: 1fr 1fr; }
figure { margin: 0; }
figure img, figure video {
  display: block; width: 100%; border: 1px solid var(--line); border-radius: 8px;
}
figcaption { margin-top: .25rem; color: var(--quiet); font-size: .8rem; }
blockquote {
  margin: .75rem 0; padding: .5rem .75rem; border: 1px solid var(--line); border-radius: 8px;
  white-space: pre-wrap; overflow-wrap: anywhere;
}
.card {
  display: block; margin: .75rem 0; border: 1px solid var(--line); border-radius: 8px;
  overflow: hidden; color: var(--ink);
}
.card > span { display: block; padding: .6rem .75rem; overflow-wrap: anywhere; line-height: 1.35; }
.card img { display: block; width: 100%; }
.counts {
  display: flex; flex-wrap: wrap; gap: .25rem 1rem; margin: .75rem 0 0; padding: 0;
  list-style: none; color: var(--quiet); font-size: .875rem;
}
.counts b { color: var(--ink); font-variant-numeric: tabular-nums; }
.rows { margin: 0 0 1rem; padding: 0; list-style: none; }
.row {
  margin: 0 0 .5rem; padding: .75rem 1rem; border: 1px solid var(--line); border-radius: 10px;
  background: var(--sheet); overflow-wrap: anywhere;
}
.mail {
  display: block; width: 100%; height: 70vh; margin: .75rem 0; border: 1px solid var(--line);
  border-radius: 10px; background: #fff;
}
.source { white-space: pre-wrap; overflow-wrap: anywhere; font-size: .875rem; }
.empty {
  padding: 2rem 1rem; border: 1px dashed var(--line); border-radius: 10px; color: var(--quiet);
  text-align: center;
}
`;

export const avatar = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40">
<rect width="40" height="40" fill="#0b7a75"/>
<path d="M20 8c5 7 8 10.5 8 15a8 8 0 0 1-16 0c0-4.500 3-8 8-15z" fill="#d7f5ef"/></svg>
`;
