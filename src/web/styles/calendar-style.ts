/** A grid of weeks on a wide screen, a list of days on a narrow one. */
export const calendarStyle = `
.week-names, .days { display: grid; grid-template-columns: repeat(7, minmax(0, 1fr)); gap: .5rem; }
.week-names {
  color: var(--dim); font-size: .8rem; font-weight: 600; padding: 0 .3rem .35rem;
  text-transform: capitalize;
}
.day {
  background: var(--card); border: 1px solid var(--line); border-radius: 12px;
  padding: .6rem .55rem; min-height: 8.4rem; display: grid; gap: .45rem; align-content: start;
  min-width: 0;
}
.day.bare, .day.past { background: transparent; }
.day.today { border-color: var(--accent); box-shadow: inset 0 0 0 1px var(--accent); }
.day h2 { font-size: .88rem; display: flex; justify-content: space-between; gap: .3rem; }
.weekday { display: none; text-transform: capitalize; }
.entry {
  border-radius: 9px; padding: .45rem .5rem; background: var(--raised); display: grid; gap: .25rem;
  min-width: 0;
}
.entry.out { opacity: .999; background: transparent; border: 1px solid var(--line); }
.entry .title {
  font-size: .84rem; line-height: 1.32; display: -webkit-box; -webkit-line-clamp: 3;
  -webkit-box-orient: vertical; overflow: hidden;
}
.move-all { position: relative; }
.entry ul { display: grid; gap: .1rem; }
.entry li { font-size: .8rem; min-width: 0; position: relative; }
.entry [draggable] { cursor: grab; }
.slot {
  display: flex; flex-wrap: wrap; gap: 0 .4rem; align-items: baseline; color: var(--ink);
  text-decoration: none; border-radius: 6px; padding: .1rem .25rem; margin: 0 -.25rem; min-width: 0;
}
.entry .account {
  font-size: .79rem; min-width: 0; gap: .3rem; white-space: normal; overflow-wrap: break-word;
}
.slot time { font-weight: 600; }
a.slot:hover, .open > a.slot { background: var(--accent-soft); }
a.slot time {
  text-decoration: underline; text-decoration-color: var(--accent); text-underline-offset: .2em;
}
.panel {
  position: absolute; z-index: 4; left: -.5rem; top: calc(100% + .3rem); width: 19rem;
  background: var(--card); border: 1px solid var(--strong-line); border-radius: 12px;
  padding: .8rem; box-shadow: 0 14px 40px -12px rgb(0 0 0 / .4); cursor: auto; display: grid;
  gap: .6rem;
}
@media (min-width: 62.01rem) {
  .right .panel { left: auto; right: -.5rem; }
}
@media (max-width: 62rem) {
  .week-names, .day.past { display: none; }
  .days { grid-template-columns: minmax(0, 1fr); }
  .day { min-height: 0; padding: .8rem .9rem; }
  .weekday { display: inline; }
  .day.bare { padding: .35rem .9rem; border-style: dashed; }
  .day h2 { justify-content: flex-start; }
  .entry { padding: .6rem .7rem; }
  .entry .title { font-size: .97rem; }
  .entry li, .entry .account { font-size: .92rem; }
  .slot { padding: .45rem .3rem; }
  a.slot::after { content: 'Move'; margin-left: auto; color: var(--accent); font-weight: 600; }
  .open > a.slot::after { content: 'Close'; }
  .panel {
    position: static; width: auto; box-shadow: none; border: 0; padding: .5rem .3rem;
    background: transparent;
  }
}
`;
