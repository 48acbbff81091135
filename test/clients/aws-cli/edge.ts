/** The edge's services with the aws CLI: a load balancer by hand, and what the describe and list commands of each tell. */
import assert from 'node:assert/strict';
import { makeCertificate } from '../../support/certificates.ts';
import { nobodyKeys } from '../../support/instance.ts';
import type { Cli } from './cli.ts';

type Arns = Record<'vpc' | 'group' | 'balancer' | 'targets' | 'listener' | 'acl' | 'zone', string>;

export async function edgeChecks(aws: Cli): Promise<void> {
  const { check } = aws.bench;
  const made = {} as Arns;
  // CLIs of several versions run beside each other.
  const port = 20_000 + aws.major * 100 + aws.minor;
  const text = async (line: string) => (await aws.text(`${line} --output text`)).trim();

  await check('ec2: groups, rules, interfaces and the default network', async () => {
    made.vpc = await text('ec2 describe-vpcs --filters Name=is-default,Values=true --query Vpcs[0].VpcId');
    await aws.prints('ec2 describe-subnets --query length(Subnets)', 6);
    await aws.prints('ec2 describe-subnets --max-items 2 --page-size 5 --query length(Subnets)', 2);
    const create = `ec2 create-security-group --group-name front --description Front --vpc-id ${made.vpc}`;
    made.group = await text(`${create} --query GroupId`);
    const open = `ec2 authorize-security-group-ingress --group-id ${made.group} --protocol tcp --port ${port}`;
    await aws.text(`${open} --cidr 127.0.0.0/8`);
    await aws.refused(`${open} --cidr 127.0.0.0/8`, '(InvalidPermission.Duplicate)');
    await aws.refused(`${open} --cidr 192.0.2.0/24 --dry-run`, '(DryRunOperation)');
    await aws.prints(
      `ec2 describe-security-groups --group-ids ${made.group} --query SecurityGroups[0].IpPermissions[0].IpRanges`,
      [{ CidrIp: '127.0.0.0/8' }],
    );
    const rules = `ec2 describe-security-group-rules --filters Name=group-id,Values=${made.group}`;
    await aws.prints(`${rules} --query SecurityGroupRules[].[IsEgress,IpProtocol]|sort_by(@,&[1])`, [
      [true, '-1'],
      [false, 'tcp'],
    ]);
    for (const line of ['network-acls', 'route-tables', 'network-interfaces', 'prefix-lists', 'managed-prefix-lists'])
      assert.ok(await aws.json(`ec2 describe-${line}`));
    await aws.prints('ec2 describe-availability-zones --query AvailabilityZones[0].State', 'available');
    await aws.refused('ec2 describe-vpcs --vpc-ids vpc-0123456789abcdef0', '(InvalidVpcID.NotFound)');
    await aws.refused('ec2 describe-vpcs', 'ec2:DescribeVpcs', { as: nobodyKeys });
  });

  await check('elbv2: a load balancer before a server', async () => {
    const subnets = (await text('ec2 describe-subnets --query Subnets[:2].SubnetId')).split(/\s+/);
    const create = `elbv2 create-load-balancer --name front --security-groups ${made.group} --subnets`;
    made.balancer = await text(`${create} ${subnets.join(' ')} --query LoadBalancers[0].LoadBalancerArn`);
    await aws.text(`elbv2 wait load-balancer-available --load-balancer-arns ${made.balancer}`);
    const group = `elbv2 create-target-group --name front --protocol HTTP --port 18480 --target-type ip`;
    made.targets = await text(`${group} --vpc-id ${made.vpc} --query TargetGroups[0].TargetGroupArn`);
    await aws.text(`elbv2 register-targets --target-group-arn ${made.targets} --targets Id=127.0.0.1`);
    const listen = `elbv2 create-listener --load-balancer-arn ${made.balancer} --protocol HTTP --port ${port}`;
    const forward = `--default-actions Type=forward,TargetGroupArn=${made.targets}`;
    made.listener = await text(`${listen} ${forward} --query Listeners[0].ListenerArn`);
    const rule = `elbv2 create-rule --listener-arn ${made.listener} --priority 5 --conditions Field=path-pattern,Values=/a*`;
    await aws.text(`${rule} --actions Type=fixed-response,FixedResponseConfig={StatusCode=503}`);
    await aws.prints(`elbv2 describe-rules --listener-arn ${made.listener} --query Rules[].Priority`, ['5', 'default']);
    await aws.prints('elbv2 describe-load-balancers --names front --query LoadBalancers[0].State.Code', 'active');
    const health = `elbv2 describe-target-health --target-group-arn ${made.targets}`;
    await aws.prints(`${health} --query TargetHealthDescriptions[].Target.[Id,Port]`, [['127.0.0.1', 18480]]);
    for (const line of [
      `describe-listeners --load-balancer-arn ${made.balancer}`,
      `describe-load-balancer-attributes --load-balancer-arn ${made.balancer}`,
      `describe-target-group-attributes --target-group-arn ${made.targets}`,
      `describe-tags --resource-arns ${made.balancer} ${made.targets}`,
      'describe-ssl-policies',
      'describe-account-limits',
    ])
      assert.ok(await aws.json(`elbv2 ${line}`));
    await aws.refused('elbv2 describe-load-balancers --names nothing', '(LoadBalancerNotFound)');
  });

  await check('acm: a certificate is imported, listed and told', async () => {
    const shop = await makeCertificate({ name: 'shop.example.com' });
    const [certificate, key] = [await aws.file('shop.pem', shop.pem), await aws.file('shop.key', shop.privateKey)];
    const imported = `acm import-certificate --certificate fileb://${certificate} --private-key fileb://${key}`;
    const arn = await text(`${imported} --query CertificateArn`);
    // Without `includes`, ACM lists certificates of RSA keys only.
    const list = 'acm list-certificates --query CertificateSummaryList[].DomainName';
    await aws.prints(list, []);
    await aws.prints(`${list} --includes keyTypes=EC_prime256v1`, ['shop.example.com']);
    await aws.prints(`acm describe-certificate --certificate-arn ${arn} --query Certificate.[Type,Status]`, [
      'IMPORTED',
      'ISSUED',
    ]);
    assert.ok((await aws.text(`acm get-certificate --certificate-arn ${arn}`)).includes('BEGIN CERTIFICATE'));
    await aws.text(`acm delete-certificate --certificate-arn ${arn}`);
    await aws.refused(`acm describe-certificate --certificate-arn ${arn}`, '(ResourceNotFoundException)');
  });

  await check('wafv2: sets, a web ACL and its groups', async () => {
    const set = await text(
      'wafv2 create-ip-set --name away --scope REGIONAL --ip-address-version IPV4 --addresses 192.0.2.0/24 --query Summary.ARN',
    );
    const seen = (name: string) => `SampledRequestsEnabled=true,CloudWatchMetricsEnabled=true,MetricName=${name}`;
    const rules = await aws.file(
      'rules.json',
      JSON.stringify([
        {
          Name: 'away',
          Priority: 0,
          Statement: { IPSetReferenceStatement: { ARN: set } },
          Action: { Block: {} },
          VisibilityConfig: { SampledRequestsEnabled: true, CloudWatchMetricsEnabled: true, MetricName: 'away' },
        },
      ]),
    );
    const create = `wafv2 create-web-acl --name front --scope REGIONAL --default-action Allow={}`;
    const acl = `${create} --visibility-config ${seen('front')} --rules file://${rules} --query Summary.ARN`;
    made.acl = await text(acl);
    await aws.text(`wafv2 associate-web-acl --web-acl-arn ${made.acl} --resource-arn ${made.balancer}`);
    await aws.prints(`wafv2 get-web-acl-for-resource --resource-arn ${made.balancer} --query WebACL.Name`, 'front');
    await aws.prints(`wafv2 list-resources-for-web-acl --web-acl-arn ${made.acl} --query ResourceArns`, [
      made.balancer,
    ]);
    await aws.prints('wafv2 list-web-acls --scope REGIONAL --query WebACLs[].ARN', [made.acl]);
    await aws.prints('wafv2 list-ip-sets --scope REGIONAL --query IPSets[].Name', ['away']);
    await aws.prints(`wafv2 check-capacity --scope REGIONAL --rules file://${rules} --query Capacity`, 1);
    const groups = 'wafv2 list-available-managed-rule-groups --scope REGIONAL --query ManagedRuleGroups[].Name';
    assert.ok(((await aws.json(groups)) as string[]).includes('AWSManagedRulesCommonRuleSet'));
    await aws.refused('wafv2 list-web-acls --scope REGIONAL', 'wafv2:ListWebACLs', { as: nobodyKeys });
  });

  await check('shield: subscription and protection', async () => {
    await aws.prints('shield get-subscription-state --query SubscriptionState', 'INACTIVE');
    await aws.text('shield create-subscription');
    await aws.prints('shield describe-subscription --query Subscription.[AutoRenew,TimeCommitmentInSeconds]', [
      'ENABLED',
      31536000,
    ]);
    await aws.text(`shield create-protection --name front --resource-arn ${made.balancer}`);
    await aws.prints('shield list-protections --query Protections[].Name', ['front']);
    assert.ok(await aws.json('shield list-attacks'));
    await aws.refused('shield delete-subscription', '(LockedSubscriptionException)');
  });

  await check('route53: a zone with an alias', async () => {
    made.zone = await text(
      'route53 create-hosted-zone --name coffee.example --caller-reference cli --query HostedZone.Id',
    );
    const query = 'LoadBalancers[0].[DNSName,CanonicalHostedZoneId]';
    const [DNSName, HostedZoneId] = (await aws.json(`elbv2 describe-load-balancers --query ${query}`)) as string[];
    const AliasTarget = { DNSName, HostedZoneId, EvaluateTargetHealth: true };
    const ResourceRecordSet = { Name: 'shop.coffee.example', Type: 'A', AliasTarget };
    const batch = await aws.file('batch.json', JSON.stringify({ Changes: [{ Action: 'CREATE', ResourceRecordSet }] }));
    const change = `route53 change-resource-record-sets --hosted-zone-id ${made.zone} --change-batch file://${batch}`;
    const id = await text(`${change} --query ChangeInfo.Id`);
    await aws.text(`route53 wait resource-record-sets-changed --id ${id}`);
    await aws.refused(change, '(InvalidChangeBatch)');
    const records = `route53 list-resource-record-sets --hosted-zone-id ${made.zone} --query ResourceRecordSets[].Type`;
    await aws.prints(records, ['NS', 'SOA', 'A']);
    await aws.prints('route53 list-hosted-zones --query HostedZones[].Name', ['coffee.example.']);
    const answer = `route53 test-dns-answer --hosted-zone-id ${made.zone} --record-name shop.coffee.example --record-type A`;
    await aws.prints(`${answer} --query [ResponseCode,RecordData]`, ['NOERROR', ['127.0.0.1']]);
  });

  await check('cloudwatch and logs: what is put is found', async () => {
    await aws.text('cloudwatch put-metric-data --namespace Shop --metric-name Cups --value 3 --unit Count');
    await aws.prints('cloudwatch list-metrics --namespace Shop --query Metrics[].MetricName', ['Cups']);
    const alarm = 'cloudwatch put-metric-alarm --alarm-name cups --namespace Shop --metric-name Cups --statistic Sum';
    await aws.text(
      `${alarm} --period 60 --evaluation-periods 1 --threshold 5 --comparison-operator GreaterThanThreshold`,
    );
    await aws.prints('cloudwatch describe-alarms --query MetricAlarms[].AlarmName', ['cups']);
    await aws.text('logs create-log-group --log-group-name /till');
    await aws.text('logs create-log-stream --log-group-name /till --log-stream-name one');
    const events = JSON.stringify([{ timestamp: Date.now(), message: 'two flat whites' }]);
    const file = await aws.file('events.json', events);
    await aws.text(`logs put-log-events --log-group-name /till --log-stream-name one --log-events file://${file}`);
    await aws.prints('logs filter-log-events --log-group-name /till --filter-pattern flat --query events[].message', [
      'two flat whites',
    ]);
    await aws.prints('logs describe-log-groups --query logGroups[].logGroupName', ['/till']);
    if (aws.major === 2) assert.match(await aws.text('logs tail /till'), /two flat whites/);
  });
}
