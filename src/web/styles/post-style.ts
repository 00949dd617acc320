import { type Network, networks } from '../../core/network/network.ts';
import { traitsOf } from '../../core/network/traits-of.ts';

function lookOf(network: Network): string {
  const { link, paper = 'light-dark(#fff, #0b0e12)', faceRadius = '50%' } = traitsOf(network).look;
  return `.preview.${network} { --link: ${link}; --paper: ${paper}; --face: ${faceRadius}; }`;
}

/** The preview of a post on each network, and the graph of its follow-ups. */
export const postStyle = `
.previews {
  display: grid; gap: 1.2rem;
  grid-template-columns: repeat(auto-fit, minmax(min(17.5rem, 100%), 1fr)); align-items: start;
}
.preview {
  --link: var(--accent); border: 1px solid var(--line); border-radius: 14px; padding: .9rem 1rem;
  background: var(--paper); display: grid; gap: .9rem; font-size: .96rem; line-height: 1.42;
  min-width: 0;
}
${networks.map(lookOf).join(' ')}
.part { display: grid; gap: .65rem; min-width: 0; }
.part:last-child:not(:first-child) > :not(.author) { margin-left: 3rem; }
.author {
  display: grid; grid-template-columns: auto minmax(0, 1fr) auto; gap: .6rem; align-items: center;
}
.author b { display: block; line-height: 1.2; }
.author span { overflow-wrap: anywhere; min-width: 0; }
.handle, .on { color: var(--dim); font-size: .84rem; }
.author .on { align-self: start; color: var(--link); font-size: 1.15rem; line-height: 1; }
.part:not(:last-child) { position: relative; }
.part:not(:last-child)::before {
  content: ''; position: absolute; left: 1.15rem; top: 2.9rem; bottom: -.4rem; width: 2px;
  background: var(--line);
}
.part:not(:last-child) > :not(.author) { margin-left: 3rem; }
.face {
  width: 2.4rem; height: 2.4rem; border-radius: var(--face); background: var(--link);
  color: light-dark(#fff, #0b0e12); display: grid; place-items: center; font-weight: 700;
}
.text { white-space: pre-wrap; overflow-wrap: anywhere; }
.text a, .tag { color: var(--link); text-decoration: none; }
.text a {
  text-decoration: underline;
  text-decoration-color: color-mix(in srgb, var(--link) 35%, transparent);
}
.pictures { display: grid; gap: .5rem; }
.pictures.of-2, .pictures.of-3, .pictures.of-4 { grid-template-columns: 1fr 1fr; }
.pictures img {
  width: 100%; aspect-ratio: 16 / 9; object-fit: cover; border-radius: 11px;
  border: 1px solid var(--line); display: block;
}
.pictures video {
  width: 100%; max-height: 24rem; border-radius: 11px; border: 1px solid var(--line);
  display: block; background: #000;
}
.moving {
  font-size: .72rem; border: 1px solid var(--line); border-radius: 6px; padding: .05rem .35rem;
  color: var(--dim); white-space: nowrap; display: inline-block;
}
.pictures figcaption {
  font-size: .78rem; color: var(--dim); padding-top: .25rem; overflow-wrap: anywhere;
}
.pictures figcaption b {
  font-size: .68rem; border: 1px solid currentColor; border-radius: 4px; padding: 0 .25rem;
}
.missing {
  display: grid; place-items: center; aspect-ratio: 16 / 9; background: var(--raised);
  border-radius: 11px; color: var(--dim); font-size: .85rem;
}
.link-card {
  border: 1px solid var(--line); border-radius: 11px; padding: .6rem .8rem; display: grid;
  overflow-wrap: anywhere;
}
.link-card .host { font-weight: 600; }
.cw > summary { font-weight: 600; padding: .3rem 0; }
.delivery { display: grid; gap: .8rem; align-content: start; min-width: 0; }
.series-graph { display: grid; gap: .5rem; }
.series-graph ul {
  display: grid; gap: .5rem; margin: .5rem 0 0 .55rem; padding-left: 1.1rem;
  border-left: 2px solid var(--line);
}
.rule-box {
  border: 1px solid var(--line); border-radius: 11px; padding: .6rem .85rem; display: grid;
  gap: .2rem; background: var(--raised); overflow-wrap: anywhere;
}
.standing { display: grid; gap: .2rem; font-size: .88rem; }
`;
