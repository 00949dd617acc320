import type { Command } from '../command.ts';

export const next: Command = {
  name: 'next',
  args: '[n]',
  help: 'preview of the next releases, as each network will show them',
  examples: ['next', 'next 5'],
  run: async (context, input) => (await import('../views/next-posts.ts')).runNext(context, input),
};

export const plan: Command = {
  name: 'plan',
  help: 'the calendar ahead, as a table or as a calendar file',
  examples: ['plan --days 14', 'plan --days 60 --ics > plan.ics'],
  options: [
    { name: '--days', value: '<n>', help: 'how far ahead (14)' },
    { name: '--ics', help: 'iCalendar' },
  ],
  run: async (context, input) => (await import('../views/plan-ahead.ts')).runPlan(context, input),
};
