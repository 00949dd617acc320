/** Light on any screen, and on paper: a page of a report is often printed. */
export const reportStyle = `
:root{color-scheme:light}
body{margin:0;background:#fff;color:#1a2224;font:15px/1.5 system-ui,sans-serif}
main,footer{max-width:60rem;margin:0 auto;padding:1rem 1.5rem}
h1{font-size:1.7rem;margin:.5rem 0}h2{font-size:1.15rem;margin:1.6rem 0 .4rem}
.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%;margin:.4rem 0}
th,td{padding:.3rem .5rem;border-bottom:1px solid #d5dcdd;text-align:left;vertical-align:top}
td{overflow-wrap:anywhere}
th.n,td.n{text-align:right;font-variant-numeric:tabular-nums}
a{color:#076a6a}footer{color:#566264}
@media print{
@page{margin:15mm}
body{font-size:10pt}main,footer{max-width:none;padding:0}
.wide{overflow:visible}
h2{break-after:avoid}tr{break-inside:avoid}thead{display:table-header-group}
a{color:inherit}
}
`;
