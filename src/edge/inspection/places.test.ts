import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { Places } from './places.ts';

const { resolve } = createRequire(import.meta.url);
const databases = '@ip-location-db/geo-whois-asn-country-mmdb';

test('countries are known without any file, networks of nobody are not', () => {
  const places = new Places();
  expect(places.find('8.8.8.8')).toEqual({ country: 'US' });
  expect(places.find('2001:4860:4860::8888')).toEqual({ country: 'US' });
  for (const address of ['127.0.0.1', '10.1.2.3', '192.0.2.1', '::1']) expect(places.find(address)).toEqual({});
});

test("an operator's file takes the place of what comes along, from the next question on", () => {
  const places = new Places();
  places.find('8.8.8.8');
  places.use({ countries: resolve(`${databases}/geo-whois-asn-country-ipv6.mmdb`) });
  expect(places.find('2001:4860:4860::8888')).toEqual({ country: 'US' });
  expect(places.find('8.8.8.8')).toEqual({});
  places.use({});
  expect(places.find('8.8.8.8')).toEqual({ country: 'US' });
});

test('what is no database is said', () => {
  const places = new Places({ systems: resolve(`${databases}/package.json`) });
  expect(() => places.find('8.8.8.8')).toThrow();
});
