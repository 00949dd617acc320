import { accounts } from './accounts-page.ts';
import { calendar } from './calendar-page.ts';
import { campaigns } from './campaigns-page.ts';
import { write } from '../composer/compose-page.ts';
import { drafts } from '../composer/drafts-page.ts';
import { engagement } from './engagement-page.ts';
import { journal } from './journal-page.ts';
import { overview } from './overview-page.ts';
import { pace } from './pace-page.ts';
import type { Page } from '../parts/page.ts';
import { post } from './post-page.ts';
import { hasPeople } from '../../commands/people/sequences-view.ts';
import { hasLetters } from '../../commands/people/letters.ts';
import { letters } from '../people/letters-page.ts';
import { people } from '../people/people-page.ts';
import { person } from '../people/person-page.ts';
import { sequence, sequences } from '../people/sequences-page.ts';
import { queue } from '../queue/queue-page.ts';

/** Every page, in the order of the navigation. */
export const pages: Page[] = [
  { path: '/', nav: 'Overview', make: overview },
  { path: '/calendar', nav: 'Calendar', make: calendar },
  { path: '/queue', nav: 'Queue', make: queue },
  { path: '/drafts', nav: 'Drafts', make: drafts },
  { path: '/write', make: write },
  { path: '/posts/:id', make: post },
  { path: '/engagement', nav: 'Engagement', make: engagement },
  { path: '/pace', nav: 'Pace', make: pace },
  { path: '/campaigns', nav: 'Campaigns', make: campaigns },
  { path: '/people', nav: 'People', isShown: hasPeople, make: people },
  { path: '/people/:id', make: person },
  { path: '/sequences', nav: 'Sequences', isShown: hasPeople, make: sequences },
  { path: '/sequences/:id', make: sequence },
  { path: '/letters', nav: 'Letters', isShown: hasLetters, make: letters },
  { path: '/accounts', nav: 'Accounts', make: accounts },
  { path: '/journal', nav: 'Journal', make: journal },
];
