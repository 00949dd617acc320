/** The page on which a post is written: the text on the left, what comes of it on the right. */
export const composeStyle = `
.compose {
  display: grid; gap: 1.35rem; grid-template-columns: minmax(0, 1.35fr) minmax(0, 1fr);
  align-items: start;
}
.write, .settings, .seen, #preview { display: grid; gap: 1rem; min-width: 0; align-content: start; }
.write, .settings { grid-column: 1; }
.seen {
  grid-column: 2; grid-row: 1 / span 2; position: sticky; top: 1.2rem;
  max-height: calc(100vh - 6rem); overflow-y: auto;
}
textarea {
  font: inherit; font-size: 1rem; line-height: 1.5; padding: .6rem .75rem; resize: vertical;
  border: 1px solid var(--strong-line); border-radius: 9px; background: var(--card);
  color: var(--ink); width: 100%; field-sizing: content; min-height: 3.2rem; max-height: 60vh;
}
textarea[name=body] { min-height: 13rem; }
textarea.raw {
  font: .88rem/1.5 ui-monospace, SFMono-Regular, Menlo, 'Liberation Mono', monospace;
  field-sizing: fixed; white-space: pre-wrap;
}
.compose .field { font-size: .86rem; align-content: start; }
.compose .field > span { color: var(--dim); }
.compose .field input, .compose .field select { width: 100%; min-width: 0; }
.group {
  border: 1px solid var(--line); border-radius: var(--radius); background: var(--card); margin: 0;
  padding: .9rem 1.1rem; display: grid; gap: .75rem; min-width: 0; align-content: start;
}
details.group > summary { margin: 0; }
details.group[open] > summary { margin-bottom: .7rem; }
details.group { display: block; }
details.group > * + * { margin-top: .75rem; }
legend { font-weight: 650; font-size: .92rem; padding: 0 .3rem; margin-left: -.3rem; }
.pair, .trio { display: grid; gap: 1rem; grid-template-columns: repeat(2, minmax(0, 1fr)); }
.trio { grid-template-columns: repeat(3, minmax(0, 1fr)); gap: .7rem; }
.pair.tight { gap: .7rem; }
.tick { display: flex; gap: .5rem; align-items: center; font-size: .92rem; }
.tick input {
  min-height: 0; width: 1.1rem; height: 1.1rem; accent-color: var(--accent); flex: none;
}
.media { display: grid; gap: .9rem; }
.media:not(:has(li)) { display: none; }
.media li { display: grid; grid-template-columns: 7rem minmax(0, 1fr); gap: .5rem .9rem; }
.media img {
  width: 7rem; aspect-ratio: 4 / 3; object-fit: cover; border-radius: 9px; grid-row: span 2;
  border: 1px solid var(--line); background: var(--raised);
}
.media video {
  width: 7rem; aspect-ratio: 4 / 3; border-radius: 9px; grid-row: span 2; background: #000;
}
.ticks { display: grid; gap: .35rem; grid-column: 2; }
.src { overflow-wrap: anywhere; }
.rules { display: grid; gap: 1rem; }
.rules li { display: grid; gap: .6rem; padding-bottom: 1rem; border-bottom: 1px solid var(--line); }
.compose-bar {
  grid-column: 1 / -1; position: sticky; bottom: 0; z-index: 3; background: var(--ground);
  border-top: 1px solid var(--line); padding: .8rem 0; display: flex; flex-wrap: wrap; gap: .6rem;
  align-items: center; justify-content: flex-end;
}
.compose-bar [role=status] { margin-right: auto; }
/* The result of the last button does not lie on the next one. */
body:has(.compose-bar) .flash { bottom: 5.5rem; }
.js { display: none; }
.script .js { display: inline; }
.compose-help { display: flex; flex-wrap: wrap; gap: .3rem 1rem; align-items: baseline; }
.script .nojs { display: none; }
.told { border-radius: 11px; padding: .6rem .9rem; font-size: .9rem; }
.told summary { font-weight: 650; }
.told.bad { background: var(--bad-soft); color: var(--bad); }
.told.note { background: var(--warn-soft); color: var(--warn); }
.told ul { display: grid; gap: .35rem; padding-top: .4rem; color: var(--ink); }
.told li { overflow-wrap: anywhere; }
.conflict { border-color: var(--bad); }
.cards { display: grid; gap: .9rem; }
.good { color: var(--good); }
.side .new.button { text-align: center; margin: 0 .6rem; }
@media (max-width: 56rem) {
  .side .new.button { margin: 0; min-height: 2.2rem; padding: .35rem .8rem; }
}
@media (max-width: 64rem) {
  .compose { grid-template-columns: minmax(0, 1fr); }
  .write, .settings, .seen { grid-column: 1; grid-row: auto; }
  .seen { position: static; max-height: none; }
}
@media (max-width: 44rem) {
  .pair, .trio { grid-template-columns: minmax(0, 1fr); }
  .pair.tight { grid-template-columns: repeat(2, minmax(0, 1fr)); }
  .media li { grid-template-columns: 5rem minmax(0, 1fr); }
  .media img, .media video { width: 5rem; }
  .compose-bar .button { flex: 1; }
  body:has(.compose-bar) .flash { bottom: 9rem; }
  .compose-bar [role=status] { flex-basis: 100%; }
}
`;
