/** How operations on networks are declared: each knows DryRun, and those that change something write the default network down first. */
import {
  AwsError,
  type Call,
  type Check,
  type CheckCall,
  type Decoded,
  type Operation,
  operation,
} from '../../service.ts';
import type { Ec2Ports } from '../ports.ts';
import { writeDown } from './rows.ts';

interface Declaration<I, O> {
  checks(input: Decoded<I>, call: CheckCall, ports: Ec2Ports): readonly Check[] | Promise<readonly Check[]>;
  handle(input: Decoded<I>, call: Call, ports: Ec2Ports): O | Promise<O>;
}

type Declared<I, O> = Operation<I, O, Ec2Ports>;

export function reading<I extends object, O>(declaration: Declaration<I, O>): Declared<I, O> {
  return operation<I, O, Ec2Ports>({
    checks: declaration.checks,
    handle(input, call, ports) {
      refuseDryRun(input);
      return declaration.handle(input, call, ports);
    },
  });
}

export function changing<I extends object, O>(declaration: Declaration<I, O>): Declared<I, O> {
  return operation<I, O, Ec2Ports>({
    checks: declaration.checks,
    async handle(input, call, ports) {
      refuseDryRun(input);
      await writeDown(call.change, call.scope, call.now);
      return declaration.handle(input, call, ports);
    },
  });
}

/** After the decision, as EC2 does. */
function refuseDryRun(input: object): void {
  if (!('DryRun' in input) || input.DryRun !== true) return;
  throw new AwsError('DryRunOperation', 'Request would have succeeded, but DryRun flag is set.', { status: 412 });
}
