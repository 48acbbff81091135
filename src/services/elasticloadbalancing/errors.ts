/** The errors of Elastic Load Balancing, with the texts that AWS sends. */
import { AwsError } from '../service.ts';

const error =
  (code: string) =>
  (message: string): AwsError =>
    new AwsError(code, message, { status: 400 });

export const validation = error('ValidationError');
export const invalidConfiguration = error('InvalidConfigurationRequest');
export const notPermitted = error('OperationNotPermitted');
export const resourceInUse = error('ResourceInUse');
export const invalidTarget = error('InvalidTarget');
export const invalidSubnet = error('InvalidSubnet');
export const incompatibleProtocols = error('IncompatibleProtocols');
export const unsupportedProtocol = error('UnsupportedProtocol');
export const invalidAction = error('InvalidLoadBalancerAction');
export const invalidBundle = error('InvalidCaCertificatesBundle');
export const invalidRevocation = error('InvalidRevocationContent');

export const loadBalancerNotFound = (): AwsError =>
  error('LoadBalancerNotFound')('One or more load balancers not found');
export const loadBalancersNotFound = (names: readonly string[]): AwsError =>
  error('LoadBalancerNotFound')(`Load balancers '[${names.join(', ')}]' not found`);
export const listenerNotFound = (): AwsError => error('ListenerNotFound')('One or more listeners not found');
export const ruleNotFound = (): AwsError => error('RuleNotFound')('One or more rules not found');
export const targetGroupNotFound = (): AwsError => error('TargetGroupNotFound')('One or more target groups not found');
export const targetGroupsNotFound = (arns: readonly string[]): AwsError =>
  error('TargetGroupNotFound')(`Target groups '${arns.join(', ')}' not found`);
export const trustStoreNotFound = (): AwsError => error('TrustStoreNotFound')('One or more trust stores not found');
export const subnetNotFound = (id: string): AwsError => error('SubnetNotFound')(`The subnet ID '${id}' does not exist`);
export const certificateNotFound = (arn: string): AwsError =>
  error('CertificateNotFound')(`Certificate '${arn}' not found`);
export const sslPolicyNotFound = (name: string): AwsError =>
  error('SSLPolicyNotFound')(`SSL policy '${name}' not found`);

/** @param kind `load balancer`, `target group` */
export const sameName = (code: string, kind: string, name: string): AwsError =>
  error(code)(`A ${kind} with the same name '${name}' exists, but with different settings`);
export const duplicateListener = (arn: string): AwsError =>
  error('DuplicateListener')(`A listener already exists on this port for this load balancer '${arn}'`);
export const priorityInUse = (priority: number): AwsError =>
  error('PriorityInUse')(`Priority '${priority}' is currently in use`);

export const associatedElsewhere = (arn: string): AwsError =>
  error('TargetGroupAssociationLimit')(
    `The following target groups cannot be associated with more than one load balancer: ${arn}`,
  );

/** @param code `TooManyListeners`, … @param what as in "the limit of 50 listeners" */
export const tooMany = (code: string, limit: number, what: string): AwsError =>
  error(code)(`The maximum number of ${what} is '${limit}'`);

/** What AWS has and Bailey has not: said at once, whatever else is right or wrong with the request. */
export const notBuilt = (what: string): AwsError =>
  new AwsError('NotImplemented', `${what} is not built by Bailey.`, { status: 501 });
