/**
 * Charts use the colours of the page. A table beside each chart has the same numbers.
 */
export const chartStyle = `
.chart { width: 100%; height: auto; display: block; }
.chart text { fill: var(--dim); font-size: 12.5px; font-variant-numeric: tabular-nums; }
.chart .rule { stroke: var(--line); }
.chart .bar { fill: var(--accent); }
.chart .series polyline {
  fill: none; stroke: var(--dot); stroke-width: 2.4; stroke-linejoin: round;
}
.chart .series circle { fill: var(--dot); }
.chart .series .name { fill: var(--dot); font-weight: 650; }
@media (min-width: 64rem) { .chart text { font-size: 10.5px; } }
.heat rect { fill: var(--accent); stroke: var(--line); stroke-width: .6; }
.heat.unsure rect { fill: var(--dim); }
.range { max-width: 26rem; }
.range text { font-size: 18px; }
.range .track { stroke: var(--line); stroke-width: 6; stroke-linecap: round; }
.range .span { stroke: var(--accent); stroke-width: 6; stroke-linecap: round; opacity: .45; }
.range .value { fill: var(--accent); stroke: var(--card); stroke-width: 3; }
.range .suggested {
  fill: var(--card); stroke: var(--warn); stroke-width: 2.5; stroke-dasharray: 3 2.5;
}
meter { width: 100%; height: .55rem; }
.meter { display: grid; gap: .15rem; }
.bar-row { display: grid; gap: .25rem; max-width: 30rem; }
.bar-row svg {
  width: 100%; height: .6rem; display: block; border-radius: 99px; background: var(--raised);
}
.bar-row rect { fill: var(--accent); }
.bar-row.full rect { fill: var(--warn); }
@media (max-width: 44rem) {
  .chart text { font-size: 19px; }
  .heat text { font-size: 17px; }
  .heat { min-width: 34rem; }
}
`;
