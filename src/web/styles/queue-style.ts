/** The queue: a card for each post, with a line for each account. */
export const queueStyle = `
.post-cards > li {
  display: grid; grid-template-columns: auto minmax(0, 1fr); gap: 0 .9rem;
  padding: 1rem 0; border-top: 1px solid var(--line);
}
.post-cards > li:first-child { border-top: 0; padding-top: .3rem; }
.post-cards > li:last-child { padding-bottom: .2rem; }
.post-what { display: grid; gap: .45rem; min-width: 0; grid-column: 2; }
.post-what > p.small { color: var(--dim); overflow-wrap: anywhere; }
.pick { padding: .1rem .1rem 0 0; cursor: pointer; min-width: 1.5rem; }
.pick input { width: 1.15rem; height: 1.15rem; min-height: 0; margin: .15rem 0 0; }
input[type=checkbox] { accent-color: var(--accent); }
.post-cards > li:has(.pick input:checked) { background: var(--accent-soft); border-radius: 10px; }
.post-on { display: grid; gap: .1rem; }
.post-on > li {
  display: grid; grid-template-columns: minmax(6.5rem, 9rem) minmax(0, 1fr) auto; gap: 0 1rem;
  align-items: baseline; padding: .22rem 0; font-size: .93rem;
}
.post-on .why { font-size: .82rem; }
.post-on .line { gap: .1rem .5rem; }
.post-do { justify-self: end; }
.whole > summary { padding: .15rem 0; }
.whole[open] > .whole-body {
  display: grid; gap: .7rem; border: 1px solid var(--line); border-radius: 11px;
  background: var(--raised); padding: .8rem .9rem;
}
.panel .whole-body { display: grid; gap: .6rem; }
.head .whole { flex: none; max-width: 100%; }
.head .whole[open] { flex: 1 1 100%; }
.bulk {
  display: flex; flex-wrap: wrap; gap: .3rem 1rem; align-items: baseline; position: sticky; top: 0;
  z-index: 3; background: var(--card); border-bottom: 1px solid var(--line); padding: .35rem 0;
}
.bulk .button.quiet { padding-left: 0; }
.bulk details[open] { flex: 1 1 100%; }
.bulk-body { display: grid; gap: .9rem; padding: .2rem 0 .6rem; }
.fix-cards { display: grid; gap: .8rem; }
.fix-cards > li {
  border: 1px solid var(--line); border-left: 4px solid var(--bad); border-radius: 11px;
  padding: .75rem 1rem; display: grid; gap: .4rem; min-width: 0; overflow-wrap: anywhere;
}
@media (max-width: 44rem) {
  .post-cards > li { gap: 0 .6rem; }
  .post-on > li { grid-template-columns: minmax(0, 1fr) auto; padding: .4rem 0; }
  .post-on > li > :nth-child(2) { grid-column: 1 / -1; grid-row: 2; }
  .post-on .drop[open] { grid-column: 1 / -1; }
  .bulk { position: static; }
  form.filter .field { flex: 1 1 9rem; }
}
`;
