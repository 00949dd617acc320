/** Connecting an account. */
export const connectStyle = `
.choices { list-style: none; padding: 0; margin: 0; display: flex; flex-wrap: wrap; gap: .6rem; }
form.connect { display: grid; gap: .8rem; justify-items: start; }
form.connect .field { width: min(26rem, 100%); }
form.connect .field input { width: 100%; }
form.connect fieldset {
  border: 1px solid var(--line); border-radius: var(--radius); padding: .6rem .9rem;
  display: grid; gap: .4rem; margin: 0; min-width: 0; max-width: 100%;
}
.choice { display: flex; gap: .5rem; align-items: baseline; overflow-wrap: anywhere; }
.choice input { min-height: 0; flex: none; }
`;
