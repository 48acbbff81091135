/** Amazon EC2, declared from the start so that who may launch, list and terminate is decided before there are hosts. */
import { type Service, service } from '../service.ts';
import { DescribeInstances, TerminateInstances } from './operations/instances.ts';
import { RunInstances } from './operations/run-instances.ts';
import type { Ec2Ports } from './ports.ts';

export function ec2(ports: Ec2Ports): Service {
  return service('ec2', { DescribeInstances, RunInstances, TerminateInstances }, ports);
}
