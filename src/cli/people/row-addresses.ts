import { type Address, type PostalAddress, whyNoMailAddress } from '../../core/people/person.ts';
import { whyNoCountry } from '../../core/people/letters/countries.ts';
import type { LetterPress } from '../../ports/people/letters.ts';

/** What the columns of other programs are here. */
export const columnNames: Record<string, string> = {
  email: 'mail',
  'e-mail': 'mail',
  'email address': 'mail',
  'e-mail-adresse': 'mail',
  emailadresse: 'mail',
  postcode: 'postcode',
  zip: 'postcode',
  'zip code': 'postcode',
  'postal code': 'postcode',
  plz: 'postcode',
  postleitzahl: 'postcode',
  address: 'street',
  'address 1': 'street',
  address1: 'street',
  strasse: 'street',
  straße: 'street',
  'address 2': 'street2',
  address2: 'street2',
  town: 'city',
  ort: 'city',
  stadt: 'city',
  land: 'country',
  firma: 'company',
  timezone: 'zone',
  language: 'lang',
};

export const isPostal = (heads: readonly string[]) =>
  ['name', 'street', 'city'].every((one) => heads.includes(one));

/** What addresses of letters are looked at with. */
export interface Posting {
  press: LetterPress | undefined;
  /** Where letters are posted: the country of addresses that name none. */
  country: string;
}

export type Values = Record<string, string>;

/** What the row can be reached by; or why it cannot. */
export async function readAddresses(
  posting: Posting,
  values: Values,
): Promise<{ addresses: Address[] } | { why: string }> {
  const { mail = '' } = values;
  const postal = await readPostal(posting, values);
  if (postal && 'why' in postal) return postal;
  if (mail === '' && postal) return { addresses: [postal] };
  if (mail === '') return { why: 'has neither a mail address nor a postal address' };
  const why = whyNoMailAddress(mail);
  if (why !== undefined) return { why: `"${mail.slice(0, 80)}" ${why}` };
  return { addresses: [{ medium: 'mail', value: mail }, ...(postal ? [postal] : [])] };
}

/** Undefined: the row has no postal address, or letters are not set up. */
async function readPostal(
  { press, country: own }: Posting,
  { company = '', name = '', street = '', street2 = '', ...place }: Values,
): Promise<PostalAddress | { why: string } | undefined> {
  const { postcode = '', city = '', state = '', country = '' } = place;
  if (street === '') return undefined;
  const address: PostalAddress = {
    medium: 'letter',
    lines: [company, name, street, street2].filter(Boolean),
    postcode,
    city: state === '' ? city : `${city}, ${state.toUpperCase()}`,
    country: (country || own).toUpperCase(),
  };
  if (address.country === '')
    return { why: 'the postal address has no country: add a column country, such as DE' };
  const why = whyNoCountry(address.country) ?? (await press?.whyUnfit(address));
  return why === undefined ? address : { why };
}
