/** Where addresses lie: country by data that comes with Bailey, autonomous system by a file of the operator's. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type AsnResponse, type CountryResponse, Reader } from 'maxmind';

export interface Place {
  readonly country?: string;
  readonly asn?: number;
}

/** Databases of countries differ in where they put the code. */
type Country = CountryResponse & { readonly country_code?: string };

const nowhere: Place = {};

export class Places {
  #asnFile: string | undefined;
  #countries: Reader<Country> | undefined;
  #systems: Reader<AsnResponse> | undefined;

  /** @param asnFile in MaxMind's format; opened, like the other, with the first question */
  use(asnFile: string | undefined): void {
    if (asnFile === this.#asnFile) return;
    this.#asnFile = asnFile;
    this.#systems = undefined;
  }

  find(address: string): Place {
    this.#countries ??= new Reader<Country>(readFileSync(countryFile()));
    if (this.#asnFile !== undefined) this.#systems ??= new Reader<AsnResponse>(readFileSync(this.#asnFile));
    const found = this.#countries.get(address);
    const country = found?.country_code ?? found?.country?.iso_code;
    const asn = this.#systems?.get(address)?.autonomous_system_number;
    if (country === undefined && asn === undefined) return nowhere;
    return { ...(country !== undefined && { country }), ...(asn !== undefined && { asn }) };
  }
}

function countryFile(): string {
  const { resolve } = createRequire(import.meta.url);
  return resolve('@ip-location-db/geo-whois-asn-country-mmdb/geo-whois-asn-country.mmdb');
}
