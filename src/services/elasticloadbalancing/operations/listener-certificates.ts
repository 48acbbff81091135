/** AddListenerCertificates, RemoveListenerCertificates, DescribeListenerCertificates: more names on one port. */
import type {
  AddListenerCertificatesInput,
  AddListenerCertificatesOutput,
  DescribeListenerCertificatesInput,
  DescribeListenerCertificatesOutput,
  RemoveListenerCertificatesInput,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { operation } from '../../service.ts';
import { anyCheck, arnCheck } from '../checks.ts';
import { notPermitted, tooMany, validation } from '../errors.ts';
import { findListener } from '../find.ts';
import { perLoadBalancer } from '../limits.ts';
import { requireCertificate, requireSecure } from '../listener-settings.ts';
import { putListener, shownCertificates } from '../listeners.ts';
import { pageOf } from '../pages.ts';
import type { ElbPorts } from '../ports.ts';

/** Adding one that is there already succeeds. */
export const AddListenerCertificates = operation<AddListenerCertificatesInput, AddListenerCertificatesOutput, ElbPorts>(
  {
    checks: async (input, call) => [await arnCheck(call, 'AddListenerCertificates', input.ListenerArn)],
    async handle(input, call, ports) {
      const row = await findListener(call, input.ListenerArn);
      requireSecure(row);
      if (input.Certificates.length !== 1) throw validation('You must specify exactly one certificate');
      const arn = await requireCertificate(call, ports, input.Certificates[0]);
      const certificates = [...new Set([...row.certificates, arn])].filter((one) => one !== row.certificate);
      const most = perLoadBalancer(row.path.startsWith('app/') ? 'application' : 'network', 'certificates');
      if (certificates.length > most) throw tooMany('TooManyCertificates', most, 'certificates of a load balancer');
      putListener(call.change, { ...row, certificates }, row);
      return { Certificates: [{ CertificateArn: arn, IsDefault: arn === row.certificate }] };
    },
  },
);

export const RemoveListenerCertificates = operation<RemoveListenerCertificatesInput, object, ElbPorts>({
  checks: async (input, call) => [await arnCheck(call, 'RemoveListenerCertificates', input.ListenerArn)],
  async handle(input, call) {
    const row = await findListener(call, input.ListenerArn);
    if (input.Certificates.length !== 1) throw validation('You must specify exactly one certificate');
    const arn = input.Certificates[0]?.CertificateArn;
    if (arn === undefined) throw validation('A certificate ARN must be specified');
    if (arn === row.certificate) throw notPermitted(`The default certificate '${arn}' cannot be removed`);
    const certificates = row.certificates.filter((one) => one !== arn);
    putListener(call.change, { ...row, certificates }, row);
    return {};
  },
});

export const DescribeListenerCertificates = operation<
  DescribeListenerCertificatesInput,
  DescribeListenerCertificatesOutput,
  ElbPorts
>({
  checks: (_input, call) => [anyCheck(call, 'DescribeListenerCertificates')],
  async handle(input, call) {
    const row = await findListener(call, input.ListenerArn);
    const all = shownCertificates(row).sort((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1));
    const { items, rest } = pageOf(call, input, all, orderOf);
    return { Certificates: items, ...rest };
  },
});

const orderOf = ({
  CertificateArn,
  IsDefault,
}: {
  CertificateArn?: string | undefined;
  IsDefault?: boolean | undefined;
}) => `${IsDefault ? 0 : 1}${CertificateArn}`;
