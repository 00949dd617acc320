import { overview } from './overview.ts';
import type { Page } from './page.ts';

/** Every page, in the order of the navigation. */
export const pages: Page[] = [{ path: '/', nav: 'Overview', make: overview }];
