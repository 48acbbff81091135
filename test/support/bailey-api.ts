/** Bailey's own API in tests: as the CLI calls it, with any keys. */
import { callBailey } from '../../src/cli/api.ts';
import { adminKeys, type Keys, type TestInstance } from './instance.ts';

export function askBailey<O>(
  instance: TestInstance,
  operation: string,
  input: object,
  keys: Keys = adminKeys,
  region = 'us-east-1',
): Promise<O> {
  return callBailey<O>({ endpoint: instance.endpoint, region, ...keys }, operation, input);
}
