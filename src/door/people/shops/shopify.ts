import { pickDefined } from '../../../core/pick-defined.ts';
import { type Fields, fieldsOf, type Shop, type ShopItem, textOf, titlesOf } from './shop.ts';

/** Webhooks about checkouts and orders; those about carts do not say whose cart it is. */
export const shopify: Shop = {
  name: 'shopify',
  signatureHeader: 'x-shopify-hmac-sha256',
  read(value, { header }): ShopItem[] {
    const topic = (header('x-shopify-topic') ?? '').toLowerCase();
    const told = toEvent(topic, value);
    const email = emailOf(value);
    if (!told || email === '') return [];
    const { line_items: items, total_price: total, currency } = value;
    return [
      pickDefined({
        ...told,
        person: { email },
        at:
          textOf(told.event === 'bought' ? value['created_at'] : value['updated_at']) || undefined,
        data: pickDefined({
          order: textOf(value['name']) || undefined,
          total: textOf(total),
          currency: textOf(currency),
          items: titlesOf(items, 'title'),
          url: textOf(value['abandoned_checkout_url']).slice(0, 200) || undefined,
        }),
      }),
    ];
  },
};

/** Whatever tells of an order, it is bought once. */
function toEvent(topic: string, value: Fields): Pick<ShopItem, 'id' | 'event'> | undefined {
  const id = textOf(value['id']);
  if (/^orders\/(create|paid|fulfilled|updated)$/.test(topic) && isKey(id)) {
    if (textOf(value['cancelled_at']) !== '') return undefined;
    return { id: `shopify:order:${id}:bought`, event: 'bought' };
  }
  if (topic === 'orders/cancelled' && isKey(id))
    return { id: `shopify:order:${id}:cancelled`, event: 'order.cancelled' };
  const token = textOf(value['token']) || id;
  const isOpen = textOf(value['completed_at']) === '';
  if (/^checkouts\/(create|update)$/.test(topic) && isKey(token) && isOpen)
    return { id: `shopify:checkout:${token}`, event: 'cart.updated' };
  return undefined;
}

const isKey = (text: string): boolean => /^[\w-]{1,100}$/.test(text);

const emailOf = (value: Fields): string =>
  textOf(value['email']) ||
  textOf(value['contact_email']) ||
  textOf(fieldsOf(value['customer'])['email']);
