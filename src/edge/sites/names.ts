/** What metrics and logs call load balancers and target groups: the last part of their ARNs. */

/** `app/my-loadbalancer/50dc6c495c0c9188` */
export function nameOf(arn: string): string {
  return arn.slice(arn.indexOf(':loadbalancer/') + ':loadbalancer/'.length);
}

/** `targetgroup/my-targets/73e2d6bc24d8a067` */
export function groupNameOf(arn: string): string {
  return arn.slice(arn.lastIndexOf(':') + 1);
}
