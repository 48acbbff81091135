/** Bailey's own API: the questions that AWS has no operation for. */
import { type Service, service } from '../service.ts';
import { DescribeCoverage } from './operations/describe-coverage.ts';
import { Explain } from './operations/explain.ts';
import { CreateManagedRuleSet, ReplayRequests } from './operations/firewall.ts';
import { SignInRootUser, SignInUser } from './operations/sign-in.ts';
import type { BaileyPorts } from './ports.ts';

export function bailey(ports: BaileyPorts): Service {
  return service(
    'bailey',
    { CreateManagedRuleSet, DescribeCoverage, Explain, ReplayRequests, SignInRootUser, SignInUser },
    ports,
  );
}
