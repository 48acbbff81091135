/** What is wrong with a definition, in the form of AWS's WAFInvalidParameterException. */

export class InvalidParameter extends Error {
  override readonly name = 'InvalidParameter';
  /** A value of AWS's ParameterExceptionField: `STATEMENT`, `RULE_ACTION`, … */
  readonly Field: string;
  /** The value that is wrong, or the name of the member. */
  readonly Parameter: string;
  readonly Reason: string;

  constructor(field: string, parameter: string, reason: string) {
    const shown = parameter.length > 200 ? `${parameter.slice(0, 197)}...` : parameter;
    super(`Error reason: ${reason}, field: ${field}, parameter: ${shown}`);
    this.Field = field;
    this.Parameter = shown;
    this.Reason = reason;
  }
}
