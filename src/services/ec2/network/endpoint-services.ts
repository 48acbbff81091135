/** Services of this instance that an endpoint can lead to (AWS PrivateLink Guide, "AWS services that integrate"). */

const interfaces = ['ec2', 'elasticloadbalancing', 'kms', 'logs', 'monitoring', 's3', 'sts', 'cloudtrail'];

export function endpointServices(region: string): readonly string[] {
  return interfaces.map((name) => `com.amazonaws.${region}.${name}`).sort();
}

/** S3 has gateways too, which are named in route tables. */
export function endpointTypes(service: string): readonly ('Gateway' | 'Interface')[] {
  return service.endsWith('.s3') ? ['Gateway', 'Interface'] : ['Interface'];
}
