/** ClassicLink, which ended with EC2-Classic: no VPC has it, and clients such as Ansible still ask each VPC whether it does. */
import type {
  DescribeVpcClassicLinkDnsSupportRequest,
  DescribeVpcClassicLinkDnsSupportResult,
  DescribeVpcClassicLinkRequest,
  DescribeVpcClassicLinkResult,
} from '@aws-sdk/client-ec2';
import { onAll } from '../../network/checks.ts';
import { reading } from '../../network/declare.ts';
import { describe } from '../../network/describe.ts';
import { type VpcRow, vpcs } from '../../network/state.ts';
import { shownTags } from '../../network/tags.ts';

export const DescribeVpcClassicLink = reading<DescribeVpcClassicLinkRequest, DescribeVpcClassicLinkResult>({
  checks: (_input, call) => onAll(call),
  async handle(input, call) {
    const { rows } = await describe<VpcRow>(
      call,
      { ids: input.VpcIds, Filters: input.Filters },
      { table: vpcs, kind: 'vpc', facts: { 'vpc-id': ({ id }) => id, 'is-classic-link-enabled': () => false } },
    );
    return { Vpcs: rows.map(({ id, tags }) => ({ VpcId: id, ClassicLinkEnabled: false, Tags: shownTags(tags) })) };
  },
});

export const DescribeVpcClassicLinkDnsSupport = reading<
  DescribeVpcClassicLinkDnsSupportRequest,
  DescribeVpcClassicLinkDnsSupportResult
>({
  checks: (_input, call) => onAll(call),
  async handle(input, call) {
    const { rows, next } = await describe<VpcRow>(
      call,
      { ...input, ids: input.VpcIds },
      { table: vpcs, kind: 'vpc', facts: {} },
    );
    return { Vpcs: rows.map(({ id }) => ({ VpcId: id, ClassicLinkDnsSupported: false })), ...next };
  },
});
