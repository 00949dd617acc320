/**
 * Fetches the page anew when the server says that something has changed, and carries over what differs: what has the focus, is open or is being typed
 * stays. Elements that move about have ids. Days of the calendar take what is dragged onto them.
 */
export const liveScript = `(() => {
const idOf = (n) => n.nodeType === 1 && n.id;
function morph(from, to) {
  if (from.isEqualNode(to)) return;
  for (const { name, value } of to.attributes) if (name !== 'open' && from.getAttribute(name) !== value) from.setAttribute(name, value);
  for (const { name } of [...from.attributes]) if (name !== 'open' && !to.hasAttribute(name)) from.removeAttribute(name);
  let at = from.firstChild;
  for (const next of [...to.childNodes]) {
    const id = idOf(next);
    const same = id ? [...from.children].find((one) => one.id === id) : at && !idOf(at) && at.nodeName === next.nodeName ? at : undefined;
    if (!same) { from.insertBefore(next, at); continue; }
    if (same === at) at = at.nextSibling; else from.insertBefore(same, at);
    if (same.nodeType === 1) morph(same, next); else if (same.data !== next.data) same.data = next.data;
  }
  while (at) { const gone = at; at = at.nextSibling; gone.remove(); }
}
let waits;
async function look() {
  waits = undefined;
  const answer = await fetch(location.href, { credentials: 'same-origin' }).catch(() => undefined);
  if (!answer || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  for (const id of ['main', 'state']) {
    const [from, to] = [document.getElementById(id), page.getElementById(id)];
    if (from && to) morph(from, to);
  }
}
const soon = () => { waits ??= setTimeout(look, 150); };
new EventSource('/live').addEventListener('changed', soon);
setInterval(() => document.hidden || soon(), 60000);
let held;
addEventListener('dragstart', (e) => { held = e.target.closest?.('[draggable]'); });
addEventListener('dragover', (e) => { if (held && e.target.closest?.('[data-date]')) e.preventDefault(); });
addEventListener('drop', (e) => {
  const day = e.target.closest?.('[data-date]');
  const field = held?.querySelector('input[type=datetime-local]');
  if (!day || !field) return;
  e.preventDefault();
  field.value = day.dataset.date + field.value.slice(10);
  field.form.requestSubmit();
});
})();
`;
