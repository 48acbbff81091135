/** What waits of edge processes' flows until flow logs take it. */
import { expect, test } from 'vitest';
import type { FlowReport } from '../../edge/reports/flows.ts';
import { defaultFormat, flowRecord } from '../../services/ec2/network/flow-log-format.ts';
import type { NetworkInterfaceRow } from '../../services/ec2/network/state.ts';
import { EdgeFlows } from './edge-flows.ts';
import { balancedFacts } from './flow-facts.ts';

const scope = { account: '111122223333', region: 'us-east-1' };
const loadBalancer = 'arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/app/shop/50dc6c495c0c9188';
const flow = (given: Partial<FlowReport>): FlowReport => ({
  loadBalancer,
  verdict: 'REJECT',
  direction: 'ingress',
  source: '192.0.2.1',
  sourcePort: 7,
  port: 80,
  connections: 1,
  protocol: 6,
  packets: 0,
  bytes: 0,
  start: 1_000,
  end: 2_000,
  ...given,
});
const at = (zone: string): NetworkInterfaceRow => ({
  id: `eni-${zone}`,
  subnet: 'subnet-1',
  vpc: 'vpc-1',
  zone,
  description: 'ELB app/shop/50dc6c495c0c9188',
  addresses: ['172.31.0.4'],
  groups: [],
  mac: '',
  checksSource: true,
  type: 'interface',
  requesterId: 'amazon-elb',
});

test('what processes say of one flow is one record; what is too much is one that says so', () => {
  const flows = new EdgeFlows(2);
  flows.add([flow({}), flow({ source: '192.0.2.2' })], []);
  flows.add([flow({ start: 500, end: 3_000 }), flow({ source: '192.0.2.3' })], [{ loadBalancer, flows: 5 }]);
  const taken = flows.take();
  expect(taken.skipped).toEqual([{ ...scope, path: 'app/shop/50dc6c495c0c9188', flows: 6 }]);
  const window = { start: 10, end: 20 };
  const facts = balancedFacts(scope, [at('us-east-1b'), at('us-east-1a')], taken, window);
  expect(facts.map((one) => flowRecord(defaultFormat, one))).toEqual([
    '2 111122223333 eni-us-east-1a 192.0.2.1 172.31.0.4 7 80 6 2 80 0 3 REJECT OK',
    '2 111122223333 eni-us-east-1a 192.0.2.2 172.31.0.4 7 80 6 1 40 1 2 REJECT OK',
    '2 111122223333 eni-us-east-1a - - - - - - - 10 20 - SKIPDATA',
  ]);
  expect(balancedFacts({ ...scope, region: 'eu-west-1' }, [at('us-east-1a')], taken, window)).toEqual([]);
});

test('what names no load balancer is nobody’s', () => {
  const flows = new EdgeFlows();
  flows.add([flow({ loadBalancer: 'arn:aws:s3:::bucket' })], []);
  expect(flows.take().flows).toEqual([]);
});
