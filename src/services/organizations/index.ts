/** AWS Organizations, as far as an account without an organization can ask: there is none yet. */
import { type Service, service } from '../service.ts';
import { DescribeOrganization } from './operations/describe-organization.ts';

export function organizations(): Service {
  return service('organizations', { DescribeOrganization }, undefined);
}
