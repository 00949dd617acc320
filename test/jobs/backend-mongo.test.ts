import { MongoBackend, MongoClient } from '@agendajs/mongo-backend';
import { describe, inject } from 'vitest';
import { makePlace } from '../store/kit.ts';
import { backendContract } from './backend-contract.ts';

const uri = inject('mongoUri');

describe.skipIf(!uri)(
  'on MongoDB (skipped where there is none: set MONGODB_TEST_URI, or install mongod, or Java 17 and Maven)',
  () => {
    backendContract(async () => {
      const place = await makePlace(uri);
      const client = await MongoClient.connect(place.target.uri ?? '');
      const backend = new MongoBackend({ mongo: client.db() });
      await backend.connect();
      return {
        backend,
        [Symbol.asyncDispose]: async () => {
          await client.close();
          await place[Symbol.asyncDispose]();
        },
      };
    });
  },
);
