/** Somebody who is handed to a human, for a program of the operator's. */
export interface Lead {
  /** The same however often it is told. */
  id: string;
  /** ISO 8601, as all instants here. */
  at: string;
  why: string;
  person: {
    id: string;
    status: string;
    score: number;
    since: string;
    addresses: object[];
    fields: Record<string, string>;
    zone?: string;
    lang?: string;
  };
  /** How and where they agreed, the newest first. */
  from: { way: string; at: string; from?: string; purpose: string }[];
  /** What they did, the newest first. */
  did: { what: string; at: string; name?: string; url?: string; words?: string }[];
  /** The newest words that they wrote. */
  words?: string;
}

export interface LeadHook {
  /** Throws where it did not arrive, a `toRefusal` where it never will. */
  send(lead: Lead, signal: AbortSignal): Promise<void>;
}
