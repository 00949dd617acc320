/**
 * Fetches the page again when the server reports a change, and applies the differences, so that the
 * focus, open parts and typed text stay. Elements that may move have ids. Posts can be dragged onto
 * the days of the calendar.
 */
export const liveScript = `(() => {
const idOf = (n) => n.nodeType === 1 && n.id;
const byId = (id) => document.getElementById(id);
function morph(from, to) {
  if (from.isEqualNode(to)) return;
  for (const { name, value } of to.attributes)
    if (name !== 'open' && from.getAttribute(name) !== value) from.setAttribute(name, value);
  for (const { name } of [...from.attributes])
    if (name !== 'open' && !to.hasAttribute(name)) from.removeAttribute(name);
  let at = from.firstChild;
  for (const next of [...to.childNodes]) {
    const id = idOf(next);
    const same = id
      ? [...from.children].find((n) => n.id === id)
      : at && !idOf(at) && at.nodeName === next.nodeName && at;
    if (!same) { from.insertBefore(next, at); continue; }
    if (same === at) at = at.nextSibling; else from.insertBefore(same, at);
    if (same.nodeType === 1) morph(same, next);
    else if (same.data !== next.data) same.data = next.data;
  }
  while (at) { const gone = at; at = at.nextSibling; gone.remove(); }
}
let waits;
async function look() {
  waits = 0;
  const answer = await fetch(location.href).catch(() => 0);
  if (!answer || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  for (const id of ['main', 'state']) {
    const to = page.getElementById(id);
    if (to) morph(byId(id), to);
  }
}
const soon = () => { waits ||= setTimeout(look, 150); };
new EventSource('/live').addEventListener('changed', soon);
setInterval(() => document.hidden || soon(), 60000);
const near = (e, what) => e.target.closest?.(what);
addEventListener('click', (e) => {
  const link = near(e, '[data-select]');
  if (!link) return;
  e.preventDefault();
  const isAll = link.dataset.select === 'all';
  for (const box of document.querySelectorAll('.pick input')) box.checked = isAll;
  link.dataset.select = isAll ? 'none' : 'all';
  [link.textContent, link.dataset.other] = [link.dataset.other, link.textContent];
});
let held;
addEventListener('dragstart', (e) => { held = near(e, '[data-id]'); });
addEventListener('dragover', (e) => { if (held && near(e, '[data-date]')) e.preventDefault(); });
addEventListener('drop', (e) => {
  const day = near(e, '[data-date]');
  if (!day || !held) return;
  e.preventDefault();
  const [id, when] = byId('drag').elements.arg;
  id.value = held.dataset.id;
  when.value = day.dataset.date + held.dataset.at;
  byId('drag').submit();
});
})();
`;
