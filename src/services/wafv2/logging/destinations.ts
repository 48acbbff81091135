/** Where logs may go: a bucket or a log group whose name says that it is for WAF's logs. */
import { invalidParameter, reasons } from '../errors.ts';

export type Destination =
  | { readonly kind: 's3'; readonly bucket: string; readonly prefix: string }
  | { readonly kind: 'logs'; readonly account: string; readonly region: string; readonly group: string };

const prefix = 'aws-waf-logs-';

/**
 * `arn:aws:s3:::aws-waf-logs-NAME[/PREFIX]`, `arn:aws:logs:REGION:ACCOUNT:log-group:aws-waf-logs-NAME[:*]`.
 * @throws AwsError WAFInvalidParameterException
 */
export function readDestination(
  arn: string,
  scope: { readonly region: string; readonly account: string },
): Destination {
  const refused = (reason: string) => invalidParameter('LOG_DESTINATION', arn, reason);
  const [head, partition, service, region = '', account = '', ...rest] = arn.split(':');
  if (head !== 'arn' || partition !== 'aws') throw refused(reasons.arn);
  if (service === 's3') {
    const [bucket = '', ...folders] = rest.join(':').split('/');
    if (region !== '' || account !== '' || !isName(bucket)) throw refused(reasons.logDestination);
    return { kind: 's3', bucket, prefix: folders.join('/').replace(/\/+$/, '') };
  }
  if (service === 'logs') {
    const [type, group = '', star, ...more] = rest;
    const isGroup = type === 'log-group' && isName(group) && (star === undefined || star === '*') && more.length === 0;
    if (!isGroup || region !== scope.region || account !== scope.account) throw refused(reasons.logDestination);
    return { kind: 'logs', account, region, group };
  }
  if (service === 'firehose') {
    throw refused('Delivery streams of Amazon Data Firehose are not built. Name an S3 bucket or a log group.');
  }
  throw refused(reasons.logDestination);
}

function isName(name: string): boolean {
  return name.startsWith(prefix) && name.length > prefix.length;
}
