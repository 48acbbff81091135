/** Why a regular expression is refused. */
export class RegexFault extends Error {
  override readonly name = 'RegexFault';

  /**
   * @param what a noun (`a group that is not closed`) or a clause (`backreferences are not supported`)
   * @param at the byte of the pattern where it was noticed
   */
  constructor(what: string, at?: number) {
    super(at === undefined ? what : `${what} (at ${at})`);
  }
}
