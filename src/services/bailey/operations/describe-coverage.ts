/** DescribeCoverage: which operations of each service are built. */
import { AwsError, operation } from '../../service.ts';
import type { BaileyPorts } from '../ports.ts';
import type { DescribeCoverageInput, DescribeCoverageOutput } from '../schema.ts';

export const DescribeCoverage = operation<DescribeCoverageInput, DescribeCoverageOutput, BaileyPorts>({
  checks: (_input, call) => [
    { action: 'bailey:DescribeCoverage', resource: { arn: '*', account: call.caller.account } },
  ],
  async handle(input, _call, ports) {
    const coverage = await ports.coverage();
    if (input.Service === undefined) return { Coverage: JSON.stringify(coverage) };
    const one = Object.hasOwn(coverage, input.Service) ? coverage[input.Service] : undefined;
    if (!one) throw new AwsError('ResourceNotFoundException', `${input.Service} is no service of this instance.`);
    return { Coverage: JSON.stringify({ [input.Service]: one }) };
  },
});
