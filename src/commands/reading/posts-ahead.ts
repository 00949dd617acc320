import type { Command } from '../command.ts';

export const next: Command = {
  name: 'next',
  args: '[n]',
  help: 'preview of the next posts, as each network will show them',
  examples: ['next', 'next 5'],
  run: async (context, input) => (await import('../views/next-posts.ts')).runNext(context, input),
};

export const plan: Command = {
  name: 'plan',
  help: 'the calendar of the coming days, as a table or as a calendar file',
  examples: ['plan --days 14', 'plan --days 60 --ics > plan.ics'],
  options: [
    { name: '--days', value: '<n>', help: 'how many days ahead (14)' },
    { name: '--ics', help: 'as an iCalendar file' },
  ],
  run: async (context, input) => (await import('../views/plan-ahead.ts')).runPlan(context, input),
};
