import { describe } from 'vitest';
import { clickContract } from './contract-clicks.ts';
import { couponContract } from './contract-coupons.ts';
import { deliveryContract } from './contract-deliveries.ts';
import { enrolmentContract } from './contract-enrolments.ts';
import { journalContract } from './contract-journal.ts';
import { killedContract } from './contract-killed.ts';
import { peopleContract } from './contract-people.ts';
import { postContract } from './contract-posts.ts';
import { processContract } from './contract-processes.ts';
import { sampleContract } from './contract-samples.ts';
import type { Place } from './kit.ts';

export type MakePlace = () => Promise<Place>;

/** What a store promises, whichever it is. */
export function storeContract(makePlace: MakePlace): void {
  describe('posts and facts', () => postContract(makePlace));
  describe('deliveries', () => deliveryContract(makePlace));
  describe('samples', () => sampleContract(makePlace));
  describe('links and clicks', () => clickContract(makePlace));
  describe('people', () => peopleContract(makePlace));
  describe('enrolments and dispatches', () => enrolmentContract(makePlace));
  describe('coupons', () => couponContract(makePlace));
  describe('people and kills', () => killedContract(makePlace));
  describe('journal', () => journalContract(makePlace));
  describe('processes', () => processContract(makePlace));
}
