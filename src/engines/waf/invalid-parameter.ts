/** What is wrong with a definition, in the words of AWS's WAFInvalidParameterException. */

export class InvalidParameter extends Error {
  override readonly name = 'InvalidParameter';
  /** A value of AWS's ParameterExceptionField: `STATEMENT`, `RULE_ACTION`, … */
  readonly Field: string;
  /** The value that is wrong, or the name of the member. */
  readonly Parameter: string;
  readonly Reason: string;

  constructor(field: string, parameter: string, reason: string) {
    super(`${reason} (field ${field}, parameter ${parameter})`);
    this.Field = field;
    this.Parameter = parameter.length > 200 ? `${parameter.slice(0, 197)}...` : parameter;
    this.Reason = reason;
  }
}
