import { createHmac } from 'node:crypto';
import { isFinalStatus, toRefusal } from '../../ports/notice-channel.ts';
import type { LeadHook } from '../../ports/people/lead-hook.ts';

/** By POST as JSON. With a secret it is signed: `t=SECONDS,v1=HMAC-SHA256 of "SECONDS.BODY"`. */
export function openLeadHook({
  url,
  secret,
}: {
  url: string;
  secret?: string | undefined;
}): LeadHook {
  return {
    async send(lead, signal) {
      const body = JSON.stringify(lead);
      const seconds = Math.floor(Date.now() / 1000);
      const signed = () =>
        createHmac('sha256', secret ?? '')
          .update(`${seconds}.${body}`)
          .digest('hex');
      const response = await fetch(url, {
        method: 'POST',
        signal,
        // Followed, a POST may become a GET without its body.
        redirect: 'manual',
        body,
        headers: {
          'content-type': 'application/json',
          'idempotency-key': lead.id,
          ...(secret === undefined ? {} : { 'dripline-signature': `t=${seconds},v1=${signed()}` }),
        },
      });
      // Frees the socket.
      await response.body?.cancel();
      if (response.ok) return;
      const why = `it answered ${response.status}: check leads.webhook in the configuration`;
      throw isFinalStatus(response.status) ? toRefusal(why) : new Error(why);
    },
  };
}
