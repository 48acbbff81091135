/** Why a regular expression is refused. */
export class RegexFault extends Error {
  override readonly name = 'RegexFault';
  /** What was found, for a sentence that begins with "The pattern has". */
  readonly what: string;
  /** The byte of the pattern where it was noticed. */
  readonly at: number | undefined;

  constructor(what: string, at?: number) {
    super(at === undefined ? what : `${what} (at ${at})`);
    this.what = what;
    this.at = at;
  }
}
