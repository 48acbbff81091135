/** What an instance is started with, and what is known of it once it runs: the types of `start`. */
import type { Config } from '../config/config.ts';
import type { Random } from '../services/service.ts';

export interface StartOptions {
  /** Where state lives; without one, state is in memory and gone with the instance. */
  readonly dataDir?: string;
  /** Where the root key lies; `root.key` in the data folder by default. */
  readonly rootKeyFile?: string;
  /** Holds the vault's passphrase: its root key is then sealed by it, if the configuration says nothing else. */
  readonly passphraseFile?: string;
  /** 0 picks a free one. Default 4566. */
  readonly port?: number;
  /** Default 127.0.0.1. Any address but loopback speaks TLS only. */
  readonly host?: string;
  /** Opens a TLS listener beside plain HTTP, on `tlsPort`. */
  readonly tls?: boolean;
  /** 0 picks a free one. Default 4567. */
  readonly tlsPort?: number;
  /** Speaks TLS on `port`, and no plain HTTP anywhere. */
  readonly tlsOnly?: boolean;
  readonly config?: Config;
  readonly configFile?: string;
  /** Where names of hosted zones and load balancers are answered, by UDP and TCP; nowhere by default. */
  readonly dnsPort?: number;
  /** Where distributions are served, if the configuration does not say; nowhere by default. */
  readonly cloudfront?: { readonly port?: number; readonly securePort?: number };
  /** Opens /_bailey/reset and /_bailey/clock. */
  readonly testApi?: boolean;
  /** Port of health and metrics on 127.0.0.1; without one there is no such listener. 0 picks a free one. */
  readonly metricsPort?: number;
  /** Injected so that failures replay. */
  readonly random?: Random;
  /** Epoch milliseconds; the machine's clock by default. */
  readonly now?: () => number;
  /** Told of every answered call: tests collect what was seen. */
  readonly onAnswer?: (service: string, operation: string | undefined, outcome: string) => void;
}

export interface Instance {
  readonly endpoint: string;
  /** The first account. */
  readonly accountId: string;
  /** '' for an instance in memory. */
  readonly dataDir: string;
  /** An AWS credentials file with a profile `default`; '' where no key is known to put there. */
  readonly credentialsFile: string;
  readonly rootCredentialsFile?: string;
  readonly metricsEndpoint?: string;
  /** Where TLS is spoken, if it is. */
  readonly tlsEndpoint?: string;
  /** The root certificate that TLS clients must trust, as a PEM file. */
  readonly caFile?: string;
  /** Where other key management services reach this instance as their external key store. */
  readonly xksProxyEndpoint?: string;
  /** Of the configuration's listeners within VPCs, in their order. */
  readonly vpcListeners?: readonly string[];
  close(): Promise<void>;
}
