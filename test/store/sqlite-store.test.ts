import { storeContract } from './contract.ts';
import { makePlace } from './kit.ts';

storeContract(() => makePlace());
