/** How an external key store is reached: what a caller must say of it, and what no two stores may share. */
import type { CreateCustomKeyStoreRequest } from '@aws-sdk/client-kms';
import { AwsError } from '../../service.ts';
import { validation } from '../errors.ts';
import type { XksTransport } from '../ports.ts';
import type { CustomKeyStoreRow, XksSettings } from './state.ts';

export type XksInput = Pick<
  CreateCustomKeyStoreRequest,
  | 'XksProxyUriEndpoint'
  | 'XksProxyUriPath'
  | 'XksProxyConnectivity'
  | 'XksProxyVpcEndpointServiceName'
  | 'XksProxyVpcEndpointServiceOwner'
  | 'XksProxyAuthenticationCredential'
>;

/** The settings without the secret, which is sealed once all else is right. */
export type OpenXksSettings = Omit<XksSettings, 'secret'>;

export const xksMembers = [
  'XksProxyUriEndpoint',
  'XksProxyUriPath',
  'XksProxyConnectivity',
  'XksProxyVpcEndpointServiceName',
  'XksProxyVpcEndpointServiceOwner',
  'XksProxyAuthenticationCredential',
] as const;

/** @throws AwsError ValidationException for members that belong to the other kind of store */
export function refuseMembers(input: object, names: readonly string[], type: string): void {
  const given = names.filter((name) => (input as Record<string, unknown>)[name] !== undefined);
  if (given.length > 0) throw validation(`${given.join(', ')} cannot be specified for a key store of type ${type}.`);
}

/**
 * What the input says, over what was said before.
 * @throws AwsError ValidationException
 */
export function xksSettings(input: XksInput, account: string, before?: OpenXksSettings): OpenXksSettings {
  const endpoint = input.XksProxyUriEndpoint ?? before?.endpoint;
  const path = input.XksProxyUriPath ?? before?.path;
  const connectivity = input.XksProxyConnectivity ?? before?.connectivity;
  const accessKeyId = input.XksProxyAuthenticationCredential?.AccessKeyId ?? before?.accessKeyId;
  const missing = Object.entries({
    XksProxyConnectivity: connectivity,
    XksProxyUriEndpoint: endpoint,
    XksProxyUriPath: path,
    XksProxyAuthenticationCredential: accessKeyId,
  }).flatMap(([name, value]) => (value === undefined ? [name] : []));
  if (!endpoint || !path || !connectivity || !accessKeyId) {
    throw validation(`${missing.join(', ')} must be specified for a key store of type EXTERNAL_KEY_STORE.`);
  }
  const moved = before !== undefined && before.connectivity !== connectivity;
  if (moved && input.XksProxyUriEndpoint === undefined) {
    throw validation('XksProxyUriEndpoint must be specified when XksProxyConnectivity changes.');
  }
  const open = { endpoint, path, accessKeyId };
  const named = input.XksProxyVpcEndpointServiceName || undefined;
  if (connectivity === 'PUBLIC_ENDPOINT') {
    if (named !== undefined || input.XksProxyVpcEndpointServiceOwner !== undefined) {
      throw validation('XksProxyVpcEndpointServiceName is for stores of VPC_ENDPOINT_SERVICE connectivity only.');
    }
    return { ...open, connectivity };
  }
  const vpcEndpointService = named ?? before?.vpcEndpointService;
  if (vpcEndpointService === undefined) {
    throw validation('XksProxyVpcEndpointServiceName must be specified for VPC_ENDPOINT_SERVICE connectivity.');
  }
  const owner = input.XksProxyVpcEndpointServiceOwner ?? before?.vpcEndpointServiceOwner ?? account;
  return { ...open, connectivity, vpcEndpointService, vpcEndpointServiceOwner: owner };
}

const inUse = (what: string, message: string): AwsError => new AwsError(`XksProxy${what}InUseException`, message);

/** @param others the other stores of the account and region @throws AwsError */
export function requireUnshared(wanted: OpenXksSettings, others: readonly CustomKeyStoreRow[]): void {
  const isVpc = wanted.connectivity === 'VPC_ENDPOINT_SERVICE';
  for (const { xks } of others) {
    if (!xks) continue;
    const sameHost = xks.endpoint.toLowerCase() === wanted.endpoint.toLowerCase();
    if (sameHost && xks.path === wanted.path) {
      throw inUse('Uri', 'The XksProxyUriEndpoint and XksProxyUriPath are already used by another external key store.');
    }
    if (sameHost && (isVpc || xks.connectivity !== wanted.connectivity)) {
      throw inUse('UriEndpoint', 'The XksProxyUriEndpoint is already used by another external key store.');
    }
    if (isVpc && xks.vpcEndpointService === wanted.vpcEndpointService) {
      throw inUse('VpcEndpointService', 'The VPC endpoint service is already used by another external key store.');
    }
  }
}

/** VPC endpoint services are what the configuration says they are. @throws AwsError */
export function requireService({ connectivity, vpcEndpointService, endpoint }: OpenXksSettings, xks: XksTransport) {
  if (connectivity !== 'VPC_ENDPOINT_SERVICE' || vpcEndpointService === undefined) return;
  const behind = xks.endpointOfService(vpcEndpointService);
  if (behind === undefined) {
    throw new AwsError(
      'XksProxyVpcEndpointServiceNotFoundException',
      `AWS KMS cannot find the VPC endpoint service ${vpcEndpointService}.`,
    );
  }
  if (behind.toLowerCase() !== endpoint.toLowerCase()) {
    throw new AwsError(
      'XksProxyVpcEndpointServiceInvalidConfigurationException',
      `The private DNS name of the VPC endpoint service ${vpcEndpointService} is not the one of XksProxyUriEndpoint.`,
    );
  }
}
