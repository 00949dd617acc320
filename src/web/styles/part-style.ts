/** The parts of pages. */
export const partsStyle = `
.card {
  background: var(--card); border: 1px solid var(--line); border-radius: var(--radius);
  padding: 1.2rem 1.3rem; box-shadow: var(--shadow); display: grid; gap: .9rem;
  align-content: start; min-width: 0;
}
.card > header {
  display: flex; flex-wrap: wrap; gap: .3rem 1rem; justify-content: space-between;
  align-items: baseline;
}
.card > header a { font-size: .88rem; }
.card > * { min-width: 0; }
.grid {
  display: grid; gap: 1.1rem;
  grid-template-columns: repeat(auto-fit, minmax(min(17.5rem, 100%), 1fr));
}
.grid.wide { grid-template-columns: repeat(auto-fit, minmax(min(18.5rem, 100%), 1fr)); }
.split {
  display: grid; gap: 1.35rem; grid-template-columns: minmax(0, 1.7fr) minmax(0, 1fr);
  align-items: start;
}
.split > div { display: grid; gap: 1.35rem; min-width: 0; }
.hero { grid-template-columns: minmax(0, 1fr) auto; align-items: center; gap: 1rem 2rem; }
.hero strong { font-size: 1.25rem; letter-spacing: -.015em; display: block; }
.hero p { color: var(--dim); }
.empty { color: var(--dim); padding: .4rem 0; }

.banner {
  border: 1px solid var(--warn); border-inline-start-width: .35rem; border-radius: var(--radius);
  background: var(--warn-soft); padding: .7rem 1rem;
}
.button {
  font: inherit; font-size: .88rem; font-weight: 600; line-height: 1.3;
  border: 1px solid var(--strong-line); background: var(--card); color: var(--ink);
  border-radius: 9px; padding: .42rem .8rem; cursor: pointer; display: inline-block;
  text-decoration: none; min-height: 2.1rem;
}
.button:hover { background: var(--raised); }
.button.main { background: var(--accent); border-color: var(--accent); color: var(--on-accent); }
.button.main:hover { filter: brightness(1.1); }
.button.danger { color: var(--bad); border-color: var(--bad); }
.button.quiet { border-color: transparent; background: transparent; color: var(--accent); }
.buttons { display: flex; flex-wrap: wrap; gap: .45rem; align-items: end; }
form.act { display: inline-flex; flex-wrap: wrap; gap: .45rem; align-items: end; }
.field { display: grid; gap: .2rem; font-size: .84rem; color: var(--dim); }
.field small { max-width: 22rem; }
input, select {
  font: inherit; font-size: .93rem; padding: .4rem .6rem; border: 1px solid var(--strong-line);
  border-radius: 9px; background: var(--card); color: var(--ink); min-height: 2.1rem;
  max-width: 100%;
}
form.filter { display: flex; flex-wrap: wrap; gap: .7rem; align-items: end; }
summary { cursor: pointer; }
summary.button { list-style: none; }
summary.button::-webkit-details-marker { display: none; }
.ask { display: inline-block; position: relative; }
.ask-body {
  display: grid; gap: .6rem; padding: .8rem .9rem; margin-top: .4rem; border: 1px solid var(--line);
  border-radius: 11px; background: var(--raised); max-width: 26rem;
}
.more > summary { color: var(--accent); font-size: .88rem; font-weight: 600; width: fit-content; }
.more[open] > summary { margin-bottom: .6rem; }

.drop { position: relative; }
.drop summary { white-space: nowrap; }
.drop[open] form {
  position: absolute; z-index: 4; right: 0; top: 100%; width: 17rem; background: var(--card);
  border: 1px solid var(--strong-line); border-radius: 12px; padding: .8rem;
  box-shadow: 0 14px 40px -12px rgb(0 0 0 / .4);
}

.badge {
  display: inline-block; font-size: .76rem; font-weight: 650; border-radius: 6px;
  padding: .08rem .5rem; background: var(--raised); color: var(--dim); white-space: nowrap;
}
.badge.planned, .badge.releasing { background: var(--accent-soft); color: var(--accent); }
.badge.released { background: var(--good-soft); color: var(--good); }
.badge.waiting, .badge.approval, .badge.brake { background: var(--warn-soft); color: var(--warn); }
.badge.failed, .badge.missed, .badge.uncertain, .badge.held, .badge.problem {
  background: var(--bad-soft); color: var(--bad);
}
.account {
  display: inline-flex; align-items: baseline; gap: .4rem; font-weight: 600; font-size: .88rem;
  white-space: nowrap;
}
.dot { width: .62rem; height: .62rem; border-radius: 3px; background: var(--dim); flex: none; }
.glyph { width: 1.05em; height: 1.05em; flex: none; }
.account .glyph, .account .dot { align-self: center; }
.account .glyph { color: var(--dot, var(--dim)); }
.acts {
  display: flex; gap: 2.4rem; color: var(--dim); font-size: 1.02rem; padding-top: .1rem;
}
.acc-0 { --dot: var(--acc-0); }
.acc-1 { --dot: var(--acc-1); }
.acc-2 { --dot: var(--acc-2); }
.acc-3 { --dot: var(--acc-3); }
.acc-4 { --dot: var(--acc-4); }
.acc-5 { --dot: var(--acc-5); }

.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .91rem; }
caption { text-align: left; color: var(--dim); font-size: .86rem; padding-bottom: .4rem; }
th { text-align: left; font-weight: 600; color: var(--dim); font-size: .82rem; }
th, td { padding: .5rem 1rem .5rem 0; vertical-align: top; border-bottom: 1px solid var(--line); }
th:last-child, td:last-child { padding-right: 0; }
tbody tr:last-child > * { border-bottom: 0; }
td.num, th.num { text-align: right; }
.title { font-weight: 600; overflow-wrap: anywhere; }
a.title { color: var(--ink); text-decoration: none; }
a.title:hover { text-decoration: underline; }
a.plain { color: inherit; text-decoration: none; }
a.plain:hover { text-decoration: underline; }
.why { color: var(--dim); font-size: .86rem; overflow-wrap: anywhere; }

.needs { display: grid; gap: .8rem; }
.needs > li {
  border: 1px solid var(--line); border-left: 4px solid var(--bad); border-radius: 11px;
  padding: .85rem 1rem; display: grid; gap: .5rem; background: var(--card); min-width: 0;
}
.needs > li.approval { border-left-color: var(--warn); }
.line { display: flex; flex-wrap: wrap; gap: .35rem .7rem; align-items: baseline; min-width: 0; }
.line > * { min-width: 0; }
.needs p { overflow-wrap: anywhere; }
.rows > li {
  padding: .7rem 0; border-bottom: 1px solid var(--line); display: grid; gap: .15rem; min-width: 0;
}
.rows > li:first-child { padding-top: 0; }
.rows > li:last-child { border-bottom: 0; padding-bottom: 0; }
.rows.timed > li { grid-template-columns: 8.6rem minmax(0, 1fr); gap: .1rem 1rem; }
.rows > li.line { display: flex; }
.rows p { overflow-wrap: anywhere; }
.facts {
  display: grid; grid-template-columns: auto minmax(0, 1fr); gap: .3rem 1.1rem; font-size: .91rem;
}
.facts dt { color: var(--dim); }
.facts dd { overflow-wrap: anywhere; }
.figures { display: flex; flex-wrap: wrap; gap: .8rem 2rem; }
.figures div { display: grid; }
.figures dt { color: var(--dim); font-size: .82rem; order: 2; }
.figures dd {
  font-size: 1.5rem; font-weight: 680; letter-spacing: -.02em; line-height: 1.2;
  font-variant-numeric: tabular-nums;
}
.tabs { display: flex; flex-wrap: wrap; gap: .3rem; }
.tabs a {
  padding: .35rem .8rem; border-radius: 99px; color: var(--dim); text-decoration: none;
  font-weight: 600; font-size: .9rem; border: 1px solid transparent;
}
.tabs a:hover { background: var(--raised); color: var(--ink); }
.tabs a[aria-current] {
  background: var(--card); border-color: var(--strong-line); color: var(--ink);
}
.pages {
  display: flex; gap: 1rem; justify-content: space-between; font-weight: 600; font-size: .92rem;
}

main.login {
  max-width: 24rem; margin: 12vh auto 0; background: var(--card); border: 1px solid var(--line);
  border-radius: var(--radius); box-shadow: var(--shadow); padding: 2rem 1.8rem;
}
main.login form { display: grid; gap: 1rem; }
main.login .button { text-align: center; min-height: 2.5rem; display: grid; place-items: center; }

@media (max-width: 64rem) {
  .split { grid-template-columns: minmax(0, 1fr); }
}
@media (max-width: 44rem) {
  .card { padding: 1rem; }
  .hero { grid-template-columns: minmax(0, 1fr); }
  .button, input, select { min-height: 2.6rem; }
  .rows.timed > li { grid-template-columns: minmax(0, 1fr); }
  .drop[open] form {
    position: static; width: auto; box-shadow: none; border: 0; padding: 0; background: transparent;
  }
  table.stack, .stack tbody, .stack tr, .stack td { display: block; }
  .stack thead {
    position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%);
  }
  .stack tr { padding: .75rem 0; border-bottom: 1px solid var(--line); }
  .stack tbody tr:last-child { border-bottom: 0; }
  .stack td { border: 0; padding: .08rem 0; text-align: left; overflow-wrap: anywhere; }
  .stack td:empty { display: none; }
  .stack td[data-label]::before { content: attr(data-label) ' '; color: var(--dim); }
}
`;
