import { accounts } from './accounts.ts';
import { calendar } from './calendar.ts';
import { campaigns } from './campaigns.ts';
import { engagement } from './engagement.ts';
import { journal } from './journal.ts';
import { overview } from './overview.ts';
import { pace } from './pace.ts';
import type { Page } from './page.ts';
import { post } from './post.ts';
import { queue } from './queue.ts';

/** Every page, in the order of the navigation. */
export const pages: Page[] = [
  { path: '/', nav: 'Overview', make: overview },
  { path: '/calendar', nav: 'Calendar', make: calendar },
  { path: '/queue', nav: 'Queue', make: queue },
  { path: '/posts/:id', make: post },
  { path: '/engagement', nav: 'Engagement', make: engagement },
  { path: '/pace', nav: 'Pace', make: pace },
  { path: '/campaigns', nav: 'Campaigns', make: campaigns },
  { path: '/accounts', nav: 'Accounts', make: accounts },
  { path: '/journal', nav: 'Journal', make: journal },
];
