import { html } from 'hono/html';
import {
  type CalendarDay,
  type CalendarView,
  readCalendar,
} from '../../commands/views/calendar-days.ts';
import type { CommandContext } from '../../commands/command.ts';
import { toPostFilter } from '../../commands/posts-view/post-filter.ts';
import { neighboursOf } from '../../commands/views/overview.ts';
import type { Delivery } from '../../core/delivery/delivery.ts';
import { plural } from '../../core/plural.ts';
import {
  formatClock,
  formatDate,
  formatDay,
  isDate,
  localDate,
  localMinutes,
  toIso,
  weekdayOf,
  weekdays,
} from '../../core/time.ts';
import { choices } from '../parts/form.ts';
import type { Html } from '../parts/html.ts';
import {
  backTo,
  moveChoices,
  moveForm,
  optionsOf,
  toFieldTime,
  wholeActions,
} from '../parts/post-actions.ts';
import { pager } from '../parts/filters.ts';
import { account, address, badge, head, movingMark, postPath, shortWhy } from '../parts/bits.ts';
import type { PageRequest, PageResult } from '../parts/page.ts';
import { filterForm } from '../queue/filter-form.ts';

/** The weeks ahead, as a grid on a wide screen and as a list on a phone. */
export async function calendar(context: CommandContext, request: PageRequest): Promise<PageResult> {
  const asked = request.query.get('from') ?? undefined;
  const from = asked !== undefined && isDate(asked) ? asked : undefined;
  const filter = toPostFilter(context.settings, (name) => request.query.get(name));
  const view = await readCalendar(context, from, filter);
  const today = localDate(context.clock.now(), context.settings.zone);
  const pages = (label: string) =>
    pager({
      label,
      newer: view.before && address('/calendar', { ...filter, from: view.before }),
      older: address('/calendar', { ...filter, from: view.behind }),
      about: view.days.length ? `${dateOf(view, 0)} to ${dateOf(view, -1)}` : '',
      names: ['Previous', 'Next'],
    });
  return {
    title: 'Calendar',
    body: html`${head('Calendar', summaryOf(view), legend(context))}
      ${filterForm(context, { path: '/calendar', filter, keep: from ? { from } : {} })}
      <h2 class="month">${monthsOf(view)}</h2>
      ${pages('More days')}
      <section aria-label="Days">
        <div class="week-names" aria-hidden="true">
          ${weekdays.map((name) => html`<span>${name}</span>`)}
        </div>
        <ol class="days">
          ${view.days.map((one) => dayOf(context, request, { ...one, today, view }))}
        </ol>
        ${view.isForecast ? '' : dragForm(request)}
      </section>
      ${pages('More days, at the end')}`,
  };
}

function summaryOf({ days, isForecast }: CalendarView): string {
  const count = days.reduce((sum, { ahead }) => sum + ahead, 0);
  const posts = plural(count, 'post');
  return isForecast
    ? `${posts} in these two weeks. This is a forecast from the present queue, and may change.`
    : `${posts} in the next two weeks. Choose a time to move a post to an exact minute.`;
}

/** `November 2026`, `November and December 2026`. */
function monthsOf({ days }: CalendarView): string {
  const months = new Set([days.at(0)?.date, days.at(-1)?.date].map((date) => date?.slice(0, 7)));
  const year = days.at(-1)?.date.slice(0, 4) ?? '';
  const names = [...months].map((month = '') => {
    const name = monthNames[Number(month.slice(5)) - 1] ?? '';
    return month.startsWith(year) ? name : `${name} ${month.slice(0, 4)}`;
  });
  return `${names.join(' and ')} ${year}`;
}

const monthNames =
  'January February March April May June July August September October November December'.split(
    ' ',
  );

const dateOf = ({ days }: CalendarView, at: number): string => formatDate(days.at(at)?.date ?? '');

const legend = (context: CommandContext): Html =>
  html`<p class="line">
    ${context.settings.accounts.map(({ name }) => html` ${account(context, name)}`)}
  </p>`;

interface Shown extends CalendarDay {
  today: string;
  view: CalendarView;
}

function dayOf(
  context: CommandContext,
  request: PageRequest,
  { date, releases, count, today, view }: Shown,
): Html {
  const weekday = weekdays.indexOf(weekdayOf(date)) + 1;
  const looks = [
    weekday > 4 ? 'right' : '',
    date === today ? 'today' : '',
    date < today ? 'past' : '',
    releases.length ? '' : 'bare',
  ]
    .filter(Boolean)
    .join(' ');
  const more = count - releases.length;
  const posts = [...Map.groupBy(releases, ({ post }) => post).values()];
  return html`<li
    class="day ${looks}"
    ${date < today ? '' : html`data-date="${date}"`}
    id="day-${date}"
  >
    <h2>
      <time datetime="${date}"
        ><span class="weekday">${weekdayOf(date)} </span
        >${dayName(date, date === view.days[0]?.date)}</time
      >${date === today ? badge('planned', 'today') : ''}
    </h2>
    ${posts.map((some) => postOf(context, request, { some, view }))}
    ${
      more > 0
        ? html`<p class="small"><a href="/queue">and ${more.toLocaleString('en')} more</a></p>`
        : ''
    }
  </li>`;
}

const dayName = (date: string, isFirst: boolean): string => {
  const number = date.slice(-2);
  return isFirst || number === '01' ? formatDay(date) : `${Number(number)}`;
};

function postOf(
  context: CommandContext,
  request: PageRequest,
  { some, view }: { some: Delivery[]; view: CalendarView },
): Html {
  const id = some[0]?.post ?? '';
  const isOut = some.every(({ state }) => state === 'released');
  const open = view.isForecast ? [] : some.filter(({ state }) => state === 'planned');
  const at = toFieldTime(open[0]?.at ?? 0, context.settings.zone).slice(10);
  const drag = open.length > 1 ? html`draggable="true" data-id="${id}" data-at="${at}"` : '';
  return html`<div class="entry ${isOut ? 'out' : ''}" id="entry-${id}-${some[0]?.id}" ${drag}>
    <a class="title" href="${postPath(id)}">${view.titles.get(id)?.title ?? id}</a
    >${movingMark(view.titles.get(id))}
    ${open.length > 1 ? wholeEntry(context, request, { id, open }) : ''}
    <ul>
      ${some.map((one) => slotOf(context, request, { one, view }))}
    </ul>
  </div>`;
}

/** The post on all its accounts: it opens on request, as the accounts do. */
function wholeEntry(
  context: CommandContext,
  request: PageRequest,
  { id, open }: { id: string; open: Delivery[] },
): Html {
  const here = new URLSearchParams(request.query);
  here.delete('move');
  const isOpen = request.query.get('move') === id;
  const words = Object.fromEntries(here);
  const to = isOpen
    ? address('/calendar', words)
    : `${address('/calendar', { ...words, move: id })}#all-${id}`;
  const panelOf = () =>
    html`<div class="panel">
      ${wholeActions(context, { ...request, query: here }, { id, open })}
      <a class="small" href="${to}">Close</a>
    </div>`;
  return html`<div class="move-all" id="all-${id}">
    <a class="small" href="${to}"
      >${isOpen ? 'Close' : `Move all ${open.length}`}<span class="sr">: ${id}</span></a
    >
    ${isOpen ? panelOf() : ''}
  </div>`;
}

interface Slot {
  one: Delivery;
  view: CalendarView;
}

const slotOf = (context: CommandContext, request: PageRequest, { one, view }: Slot): Html =>
  one.state === 'planned' && !view.isForecast
    ? movable(context, request, { one, view })
    : html`<li class="slot">${time(context, one)} ${account(context, one.account)}</li>`;

function time({ settings }: CommandContext, one: Delivery): Html {
  const at = (one.state === 'released' ? one.startedAt : one.at) ?? 0;
  return html`<time datetime="${toIso(at)}">${formatClock(localMinutes(at, settings.zone))}</time>`;
}

/** Its buttons appear only on request: a page with a hundred forms would be slow. */
function movable(context: CommandContext, request: PageRequest, { one, view }: Slot): Html {
  const here = new URLSearchParams(request.query);
  here.delete('move');
  const path = (move: string | undefined) =>
    address('/calendar', { ...Object.fromEntries(here), move });
  const isOpen = request.query.get('move') === one.id;
  const to = isOpen ? path(undefined) : `${path(one.id)}#at-${one.id}`;
  return html`<li
    id="at-${one.id}"
    draggable="true"
    data-id="${one.id}"
    data-at="${toFieldTime(one.at ?? 0, context.settings.zone).slice(10)}"
    ${isOpen ? html`class="open"` : ''}
  >
    <a class="slot" href="${to}"
      >${time(context, one)} ${account(context, one.account)}<span class="sr"
        >, ${isOpen ? 'close' : `move ${one.id}`}</span
      ></a
    >
    ${isOpen ? panel(context, { ...request, query: here }, { one, view }) : ''}
  </li>`;
}

function panel(context: CommandContext, request: PageRequest, { one, view }: Slot): Html {
  const all = view.days.flatMap(({ releases }) => releases);
  return html`<div class="panel" role="group" aria-label="Move ${one.id}">
    <p class="why">${shortWhy(one)}</p>
    ${choices(one.id, moveChoices(one, neighboursOf(all, one)), {
      ...optionsOf(request),
      about: one.id,
    })}
    ${moveForm(context, request, one)}
    <a class="small" href="${backTo(request)}">Close</a>
  </div>`;
}

/** The script fills in this form when a post is dragged onto another day. */
const dragForm = (request: PageRequest): Html =>
  html`<form id="drag" method="post" action="/do/move" hidden>
    <input type="hidden" name="csrf" value="${request.csrf}" /><input
      type="hidden"
      name="back"
      value="${backTo(request)}"
    />
    <input type="hidden" name="arg" /><input type="hidden" name="arg" />
  </form>`;
