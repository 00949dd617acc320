import { pickDefined } from '../../../core/pick-defined.ts';
import { fieldsOf, type Shop, type ShopItem, textOf, titlesOf } from './shop.ts';

/** What an order's state means. Ordered is bought: who pays later has not left a cart behind. */
const events: Record<string, string> = {
  pending: 'cart.updated',
  failed: 'cart.updated',
  'checkout-draft': 'cart.updated',
  'on-hold': 'bought',
  processing: 'bought',
  completed: 'bought',
  cancelled: 'order.cancelled',
  refunded: 'order.refunded',
};

/** Its times are in UTC, and do not say so. */
function toUtc(value: unknown): string | undefined {
  const text = textOf(value);
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(text) ? `${text}Z` : undefined;
}

/** Webhooks "Order created" and "Order updated". */
export const woocommerce: Shop = {
  name: 'woocommerce',
  signatureHeader: 'x-wc-webhook-signature',
  isPing: ({ body }) => body.length < 100 && /^webhook_id=\d+$/.test(body.toString()),
  read(order, { header }): ShopItem[] {
    if (!(header('x-wc-webhook-topic') ?? '').startsWith('order.')) return [];
    const { id, status, billing, total, currency, number, line_items: items } = order;
    const event = events[textOf(status)];
    const email = textOf(fieldsOf(billing)['email']);
    const key = textOf(id);
    if (event === undefined || email === '' || !/^\d{1,20}$/.test(key)) return [];
    return [
      pickDefined({
        // Told of at each change: each kind of event counts once for an order.
        id: `woocommerce:${key}:${event}`,
        person: { email },
        event,
        at: toUtc(event === 'bought' ? order['date_created_gmt'] : order['date_modified_gmt']),
        data: {
          order: textOf(number) || key,
          total: textOf(total),
          currency: textOf(currency),
          items: titlesOf(items, 'name'),
        },
      }),
    ];
  },
};
