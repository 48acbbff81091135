/** Where addresses lie: country by data that comes with Bailey or by a file of the operator's, autonomous system by the latter alone. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type AsnResponse, type CountryResponse, Reader } from 'maxmind';
import type { PlaceFiles } from '../snapshot.ts';

export interface Place {
  readonly country?: string;
  readonly asn?: number;
}

/** Databases of countries differ in where they put the code. */
type Country = CountryResponse & { readonly country_code?: string };

const nowhere: Place = {};

export class Places {
  #files: PlaceFiles;
  #version: string | undefined;
  #countries: Reader<Country> | undefined;
  #systems: Reader<AsnResponse> | undefined;

  constructor(files: PlaceFiles = {}) {
    this.#files = files;
  }

  /** @param files opened with the first question @param version another where a file of the same name is another */
  use(files: PlaceFiles, version?: string): void {
    const isSame = files.countries === this.#files.countries && files.systems === this.#files.systems;
    if (isSame && version === this.#version) return;
    this.#files = files;
    this.#version = version;
    this.#countries = undefined;
    this.#systems = undefined;
  }

  find(address: string): Place {
    const { countries, systems } = this.#files;
    this.#countries ??= new Reader<Country>(readFileSync(countries ?? ownCountryFile()));
    if (systems !== undefined) this.#systems ??= new Reader<AsnResponse>(readFileSync(systems));
    const found = this.#countries.get(address);
    const country = found?.country_code ?? found?.country?.iso_code;
    const asn = this.#systems?.get(address)?.autonomous_system_number;
    if (country === undefined && asn === undefined) return nowhere;
    return { ...(country !== undefined && { country }), ...(asn !== undefined && { asn }) };
  }
}

function ownCountryFile(): string {
  return fileURLToPath(import.meta.resolve('@ip-location-db/geo-whois-asn-country-mmdb/geo-whois-asn-country.mmdb'));
}
