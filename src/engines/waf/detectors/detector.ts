/** What every detector answers: nothing, or the evidence for an attack. */

/** Families of attacks, as the managed rules name them. */
export type AttackFamily =
  | 'sqli'
  | 'xss'
  | 'lfi'
  | 'rfi'
  | 'shell'
  | 'php'
  | 'template'
  | 'nosql'
  | 'ldap'
  | 'xml'
  | 'ssrf'
  | 'java'
  | 'log4j'
  | 'mail'
  | 'graphql'
  | 'protocol';

export interface Evidence {
  readonly family: AttackFamily;
  /** One sentence for a person: what in these bytes gives it away. */
  readonly reason: string;
  /** What matched, after decoding; the log shows it. At most 200 characters. */
  readonly matched: string;
  /** 0 to 1. */
  readonly confidence: number;
}

/** Linear in the value's length; values are bounded by whoever asks. */
export interface Detector {
  (value: string): Evidence | undefined;
  /** Its bit in what `awake` answers; without one it looks at every text. */
  readonly bit?: number;
}
