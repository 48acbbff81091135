/** Regular expressions that users write into conditions and transforms: those that can be compiled, of bounded length. */
import { validation } from '../errors.ts';

/** @throws AwsError ValidationError */
export function requireRegex(regex: string, longest: number): void {
  if (regex === '') throw validation('A regular expression must be specified');
  if (regex.length > longest) throw validation(`The regular expression is too long; the limit is '${longest}'`);
  // AWS takes RE2's syntax: it has neither backreferences nor looking around.
  if (/\\[1-9]|\\k<|\(\?<?[=!]/.test(regex)) throw invalidRegex(regex);
  try {
    new RegExp(regex, 'u');
  } catch {
    throw invalidRegex(regex);
  }
}

export const invalidRegex = (regex: string) => validation(`The regular expression '${regex}' is not valid`);
