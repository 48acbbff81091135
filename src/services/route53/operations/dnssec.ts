/** GetDNSSEC: zones are not signed here, and clients such as Ansible ask each zone whether it is. */
import type { GetDNSSECRequest, GetDNSSECResponse } from '@aws-sdk/client-route-53';
import { AwsError, operation } from '../../service.ts';
import { on } from '../checks.ts';
import { bareId } from '../names.ts';
import type { Route53Ports } from '../ports.ts';
import { findZone } from './hosted-zones.ts';

export const GetDNSSEC = operation<GetDNSSECRequest, GetDNSSECResponse, Route53Ports>({
  checks: (input, call) => on(call, 'hostedzone', bareId(input.HostedZoneId)),
  async handle(input, call) {
    const { isPrivate } = await findZone(call, input.HostedZoneId);
    if (isPrivate) throw new AwsError('InvalidArgument', 'DNSSEC is for public hosted zones only.');
    return { Status: { ServeSignature: 'NOT_SIGNING' }, KeySigningKeys: [] };
  },
});
