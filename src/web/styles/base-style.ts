/**
 * Colours, type and the frame of every page. One accent colour; other colours carry a meaning.
 */
export const baseStyle = `
:root {
  color-scheme: light dark;
  --ink: light-dark(#17202b, #e9edf3);
  --dim: light-dark(#566170, #9ba7b7);
  --line: light-dark(#e1e5eb, #29313c);
  --strong-line: light-dark(#8d97a5, #6a7686);
  --ground: light-dark(#f5f6f8, #0e1217);
  --card: light-dark(#ffffff, #161b22);
  --raised: light-dark(#f5f6f8, #1d242d);
  --accent: light-dark(#0a6b6b, #5ccdc8);
  --accent-soft: light-dark(#e2f1f0, #12302f);
  --on-accent: light-dark(#ffffff, #06201f);
  --warn: light-dark(#855000, #f2b866);
  --warn-soft: light-dark(#fdf2de, #312611);
  --bad: light-dark(#a22d1b, #ff9f8d);
  --bad-soft: light-dark(#fdece8, #3a1d17);
  --good: light-dark(#1c6f3a, #74d596);
  --good-soft: light-dark(#e4f4e9, #13301e);
  --acc-0: light-dark(#0a6b6b, #5ccdc8);
  --acc-1: light-dark(#1f5fbf, #82b4ff);
  --acc-2: light-dark(#6a41c2, #b79cff);
  --acc-3: light-dark(#a34a00, #ffab66);
  --acc-4: light-dark(#a0286e, #ff92cc);
  --acc-5: light-dark(#4d6600, #b7d957);
  --radius: 14px;
  --shadow: 0 1px 2px light-dark(rgb(20 30 45 / .06), rgb(0 0 0 / .4)),
    0 6px 20px -12px light-dark(rgb(20 30 45 / .18), rgb(0 0 0 / .7));
}
*, *::before, *::after { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0; background: var(--ground); color: var(--ink);
  font: 15.5px/1.55 Inter, ui-sans-serif, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue',
    'Liberation Sans', Arial, sans-serif;
}
h1, h2, h3, p, ul, ol, dl, dd, figure, table { margin: 0; padding: 0; }
ul, ol { list-style: none; }
h1 { font-size: 1.7rem; line-height: 1.2; letter-spacing: -.022em; font-weight: 680; }
h2 { font-size: 1.02rem; letter-spacing: -.008em; font-weight: 650; }
h3 { font-size: .95rem; font-weight: 650; }
a { color: var(--accent); text-underline-offset: .18em; text-decoration-thickness: 1px; }
a:hover { text-decoration-thickness: 2px; }
code {
  font: .88em ui-monospace, SFMono-Regular, Menlo, 'Liberation Mono', monospace;
  background: var(--raised); padding: .1em .35em; border-radius: 5px;
}
time, .num { font-variant-numeric: tabular-nums; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 6px; }
.sr {
  position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%);
  white-space: nowrap;
}
.skip {
  position: absolute; left: 1rem; top: -4rem; background: var(--accent); color: var(--on-accent);
  padding: .5rem 1rem; border-radius: 8px; z-index: 9;
}
.skip:focus { top: 1rem; }
.dim { color: var(--dim); }
.bad { color: var(--bad); }
.small { font-size: .86rem; }
.nowrap { white-space: nowrap; }

.frame { display: grid; grid-template-columns: 14.5rem minmax(0, 1fr); min-height: 100vh; }
.side {
  border-right: 1px solid var(--line); background: var(--card); padding: 1.4rem 1rem;
  position: sticky; top: 0; height: 100vh; display: flex; flex-direction: column; gap: 1.1rem;
  overflow-y: auto;
}
.brand {
  display: flex; align-items: center; gap: .55rem; font-size: 1.16rem; font-weight: 700;
  letter-spacing: -.02em; color: var(--ink); text-decoration: none; padding: 0 .6rem;
}
.brand svg { color: var(--accent); flex: none; }
.pill {
  display: inline-flex; align-items: center; gap: .5rem; border-radius: 99px;
  padding: .22rem .75rem; font-size: .84rem; font-weight: 600; background: var(--good-soft);
  color: var(--good);
}
.pill::before {
  content: ''; width: .5rem; height: .5rem; border-radius: 50%; background: currentColor;
  flex: none;
}
.pill.paused { background: var(--warn-soft); color: var(--warn); }
.pill.off { background: var(--bad-soft); color: var(--bad); }
#state { padding: 0 .6rem; }
.side nav ul { display: grid; gap: .15rem; }
.side nav a {
  display: flex; justify-content: space-between; padding: .46rem .75rem; border-radius: 9px;
  color: var(--dim); text-decoration: none; font-weight: 550;
}
.side nav a:hover { background: var(--raised); color: var(--ink); }
.side nav a[aria-current] { background: var(--accent-soft); color: var(--accent); }
.side .foot {
  margin-top: auto; padding: 0 .6rem; font-size: .82rem; color: var(--dim); display: grid;
  gap: .35rem; justify-items: start;
}
main {
  padding: 2.1rem clamp(1rem, 3.2vw, 2.6rem) 5rem; display: grid; gap: 1.35rem;
  align-content: start; max-width: 78rem; width: 100%; min-width: 0;
}
main:focus { outline: none; }
main > * { min-width: 0; }
.head {
  display: flex; flex-wrap: wrap; gap: .6rem 1.2rem; align-items: end;
  justify-content: space-between;
}
.head p { color: var(--dim); }
.flash {
  position: fixed; right: 1.2rem; bottom: 1.2rem; left: max(1.2rem, 100vw - 34rem); z-index: 8;
  background: var(--ink); color: var(--ground); border-radius: 12px; padding: .8rem 1rem;
  display: flex; gap: .8rem 1rem; align-items: center; justify-content: space-between;
  box-shadow: var(--shadow); overflow-wrap: anywhere;
}
.flash .button { background: transparent; color: inherit; border-color: currentColor; flex: none; }
.flash :focus-visible { outline-color: currentColor; }
.flash p { white-space: pre-line; flex: 1; min-width: 0; max-height: 45vh; overflow-y: auto; }
.flash form { flex: none; }
.flash code { background: none; padding: 0; font-weight: 600; }
.flash a { color: inherit; }

/* Backgrounds are gone there, so what is chosen has a line. */
@media (forced-colors: active) {
  [aria-current] { outline: 3px solid Highlight; outline-offset: -3px; }
  .pill, .badge, .flash { border: 1px solid CanvasText; }
}

.foot-phone { display: none; color: var(--dim); font-size: .84rem; }

@media (max-width: 56rem) {
  .frame { display: block; }
  body { font-size: 16px; }
  .side {
    position: static; height: auto; padding: .8rem 1rem 0; display: grid;
    grid-template-columns: 1fr auto auto; align-items: center; gap: .6rem; border-right: 0;
    border-bottom: 1px solid var(--line); overflow: visible;
  }
  .side .brand, #state { padding: 0; }
  .side nav {
    grid-column: 1 / -1; margin: 0 -.5rem; padding-bottom: .6rem;
  }
  .side nav ul { display: flex; flex-wrap: wrap; gap: .1rem; }
  .side nav a { white-space: nowrap; padding: .4rem .55rem; font-size: .92rem; }
  .side .foot { display: none; }
  main { padding: 1.3rem 1rem 6rem; gap: 1.1rem; }
  h1 { font-size: 1.45rem; }
  .foot-phone { display: block; }
}
`;
