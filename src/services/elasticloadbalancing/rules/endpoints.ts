/** Addresses of identity providers: "a full URL, including the HTTPS protocol, the domain, and the path". */
import { parseAddress } from '../../../engines/text/address.ts';
import { validation } from '../errors.ts';

/**
 * A host is a name, never an address: its certificate must bear the name, and what a name may lead to, the edge decides
 * when it connects.
 * @throws AwsError ValidationError
 */
export function httpsUrl(name: string, value: string | undefined, most = 2048): string {
  if (value === undefined || value === '') throw validation(`The '${name}' must be specified`);
  if (value.length > most) throw validation(`The '${name}' is too long; the limit is '${most}'`);
  const url = /^https:\/\/[!-~]+$/i.test(value) && !/[\\"<>^`{|}#]/.test(value) ? parsed(value) : undefined;
  const isNamed = url !== undefined && !url.hostname.startsWith('[') && parseAddress(url.hostname) === undefined;
  if (!isNamed || url.username !== '' || url.password !== '' || url.port === '0') {
    throw validation(`The '${name}' '${value}' must be a full URL with the HTTPS protocol and a domain name`);
  }
  return value;
}

function parsed(value: string): URL | undefined {
  return URL.canParse(value) ? new URL(value) : undefined;
}
