/** People and sequences: the graph of a sequence is a line with its steps. */
export const peopleStyle = `
.badge.tone-good { background: var(--good-soft); color: var(--good); }
.badge.tone-live { background: var(--accent-soft); color: var(--accent); }
.badge.tone-warn { background: var(--warn-soft); color: var(--warn); }
.badge.tone-bad { background: var(--bad-soft); color: var(--bad); }
td.wrap { overflow-wrap: anywhere; }
.said {
  margin: .2rem 0 0; padding-left: .7rem; border-left: 3px solid var(--line); font-size: .91rem;
  white-space: pre-line; overflow-wrap: anywhere;
}
.card.fix { border-left: 4px solid var(--bad); overflow-wrap: anywhere; }
.flow { display: grid; max-width: 40rem; }
.flow > li { display: grid; min-width: 0; }
.flow > li > * { min-width: 0; overflow-wrap: anywhere; }
.flow .end, .flow .node {
  border: 1px solid var(--line); border-radius: 11px; padding: .75rem 1rem; display: grid;
  gap: .3rem;
}
.flow .end { background: var(--raised); }
.flow .node { border-left: 4px solid var(--accent); }
.flow .wait {
  margin-left: 1.4rem; padding: .5rem 0 .5rem 1rem; border-left: 2px solid var(--strong-line);
  color: var(--dim); font-size: .86rem;
}
.flow > li + .end { margin-top: 1.2rem; position: relative; }
.flow > li + .end::before {
  content: ''; position: absolute; left: 1.4rem; top: -1.2rem; height: 1.2rem;
  border-left: 2px solid var(--strong-line);
}
.counts { display: flex; flex-wrap: wrap; gap: .1rem .9rem; }
`;
