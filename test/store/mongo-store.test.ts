import { describe, inject } from 'vitest';
import { storeContract } from './contract.ts';
import { makePlace } from './kit.ts';

const uri = inject('mongoUri');

describe.skipIf(!uri)(
  'on MongoDB (skipped where there is none: set MONGODB_TEST_URI, or install mongod, or Java 17 and Maven)',
  () => {
    storeContract(() => makePlace(uri));
  },
);
