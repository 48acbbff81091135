/** Health checks of target groups: AWS's defaults by protocol, and what may be set. */
import type {
  CreateTargetGroupInput,
  Matcher,
  ModifyTargetGroupInput,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { isHttp } from './attributes/target-group.ts';
import { notBuilt, validation } from './errors.ts';
import type { HealthCheck, TargetGroupRow } from './state.ts';

type Group = Pick<TargetGroupRow, 'protocol' | 'protocolVersion' | 'targetType'>;
type Input = Pick<
  CreateTargetGroupInput & ModifyTargetGroupInput,
  | 'HealthCheckProtocol'
  | 'HealthCheckPort'
  | 'HealthCheckEnabled'
  | 'HealthCheckPath'
  | 'HealthCheckIntervalSeconds'
  | 'HealthCheckTimeoutSeconds'
  | 'HealthyThresholdCount'
  | 'UnhealthyThresholdCount'
  | 'Matcher'
>;

/** @throws AwsError ValidationError */
export function newHealthCheck(group: Group, input: Input): HealthCheck {
  const protocol = readProtocol(group, input.HealthCheckProtocol ?? (isAskedByHttp(group) ? 'HTTP' : 'TCP'));
  return read(group, input, {
    enabled: true,
    protocol,
    port: 'traffic-port',
    intervalSeconds: 30,
    timeoutSeconds: defaultTimeout(group, protocol),
    healthyThreshold: 5,
    unhealthyThreshold: 2,
  });
}

/** @throws AwsError ValidationError */
export function modifiedHealthCheck(row: TargetGroupRow, input: Input): HealthCheck {
  const { healthCheck: before } = row;
  const protocol = readProtocol(row, input.HealthCheckProtocol ?? before.protocol);
  return read(row, input, { ...before, protocol });
}

/** "HealthCheckTimeoutSeconds" in the API reference, and what AWS answers for application load balancers. */
function defaultTimeout(group: Group, protocol: HealthCheck['protocol']): number {
  if (isHttp(group)) return 5;
  return protocol === 'HTTP' ? 6 : 10;
}

/** "If the target type is alb, the supported health check protocols are HTTP and HTTPS." */
const isAskedByHttp = (group: Group): boolean => isHttp(group) || group.targetType === 'alb';

function readProtocol(group: Group, given: string): HealthCheck['protocol'] {
  const allowed = isAskedByHttp(group) ? ['HTTP', 'HTTPS'] : ['HTTP', 'HTTPS', 'TCP'];
  if (!allowed.includes(given)) {
    throw validation(`Health check protocol '${given}' must be one of '${allowed.join(', ')}'`);
  }
  return given as HealthCheck['protocol'];
}

function read(group: Group, input: Input, before: HealthCheck): HealthCheck {
  if (input.HealthCheckEnabled === false) {
    throw validation(`Health check enabled must be true for target groups with target type '${group.targetType}'`);
  }
  const port = input.HealthCheckPort ?? before.port;
  if (port !== 'traffic-port' && !(/^\d{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= 65_535)) {
    throw validation(`Health check port '${port}' must be 'traffic-port' or between '1-65535' inclusive`);
  }
  const { protocol } = before;
  const isWeb = protocol !== 'TCP';
  if (!isWeb && (input.HealthCheckPath !== undefined || (input.Matcher && hasCodes(input.Matcher)))) {
    throw validation('Health check path and matcher are not supported for health checks with the TCP protocol');
  }
  const intervalSeconds = input.HealthCheckIntervalSeconds ?? before.intervalSeconds;
  const timeoutSeconds = input.HealthCheckTimeoutSeconds ?? before.timeoutSeconds;
  if (isHttp(group) ? timeoutSeconds >= intervalSeconds : timeoutSeconds > intervalSeconds) {
    const than = isHttp(group) ? 'smaller than' : 'smaller than or equal to';
    throw validation(`Health check timeout '${timeoutSeconds}' must be ${than} the interval '${intervalSeconds}'`);
  }
  return {
    enabled: true,
    protocol,
    port,
    intervalSeconds,
    timeoutSeconds,
    healthyThreshold: input.HealthyThresholdCount ?? before.healthyThreshold,
    unhealthyThreshold: input.UnhealthyThresholdCount ?? before.unhealthyThreshold,
    ...(isWeb && { path: readPath(input.HealthCheckPath ?? before.path ?? defaultPath(group)) }),
    ...(isWeb && { matcher: readMatcher(group, input.Matcher, before.matcher) }),
  };
}

/** A method that no service has: the answer that it is unknown says that somebody serves. */
const defaultPath = (group: Group): string => (isGrpc(group) ? '/AWS.ALB/healthcheck' : '/');

const isGrpc = ({ protocolVersion }: Group): boolean => protocolVersion === 'GRPC';

function readPath(path: string): string {
  if (!/^\/[\x21-\x7e]*$/.test(path)) throw validation(`Health check path '${path}' must begin with a '/' character`);
  return path;
}

const hasCodes = ({ HttpCode, GrpcCode }: Matcher): boolean => HttpCode !== undefined || GrpcCode !== undefined;

function readMatcher(
  group: Group,
  given: Matcher | undefined,
  before: HealthCheck['matcher'],
): NonNullable<HealthCheck['matcher']> {
  if (isGrpc(group)) {
    if (!given || !hasCodes(given)) return before ?? { GrpcCode: '12' };
    if (given.HttpCode !== undefined) throw validation('The matcher of a target group with GRPC must be a GRPC code');
    return { GrpcCode: readCodes('GRPC code', given.GrpcCode ?? '', 0, 99) };
  }
  if (!given || !hasCodes(given)) return before ?? { HttpCode: isHttp(group) ? '200' : '200-399' };
  if (given.GrpcCode !== undefined) throw validation('The matcher of a target group without GRPC must be an HTTP code');
  return { HttpCode: readCodes('code', given.HttpCode ?? '', 200, isHttp(group) ? 499 : 599) };
}

/** `200`, `200,202`, `200-299`. */
function readCodes(kind: string, codes: string, least: number, most: number): string {
  const isRight =
    codes.length <= 256 &&
    codes.split(',').every((part) => {
      const [from = '', to = from, ...more] = part.split('-');
      const isCode = (text: string): boolean => /^\d{1,3}$/.test(text) && Number(text) >= least && Number(text) <= most;
      return more.length === 0 && isCode(from) && isCode(to) && Number(from) <= Number(to);
    });
  if (!isRight) throw validation(`Health check matcher ${kind} '${codes}' must be within '${least}-${most}' inclusive`);
  return codes;
}

/** Refuses kinds of target groups that are not built, or that there are not. */
export function requireBuilt({ TargetType = 'instance', Protocol }: CreateTargetGroupInput): void {
  if (TargetType === 'lambda') throw notBuilt(`The target type '${TargetType}'`);
  if (Protocol !== undefined && !['HTTP', 'HTTPS', 'TCP', 'TLS', 'UDP', 'TCP_UDP'].includes(Protocol)) {
    throw notBuilt(`The target group protocol '${Protocol}'`);
  }
  if (TargetType === 'alb' && Protocol !== undefined && Protocol !== 'TCP') {
    throw validation(`Protocol '${Protocol}' is not supported with a target group with the target-type 'ALB'`);
  }
}
