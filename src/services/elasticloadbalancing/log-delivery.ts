/** Writing logs of load balancers to S3 as the service principal: the bucket's own policy decides. */
import type { Actor } from '../service.ts';
import { loadBalancerArn } from './arns.ts';
import type { LoadBalancerRow } from './state.ts';

/** "Enable access logs for your Application Load Balancer": whom the bucket policy must let write. */
const servicePrincipal = 'logdelivery.elasticloadbalancing.amazonaws.com';

/** Objects lie under `PREFIX/AWSLogs/ACCOUNT/`. */
export function logDelivery(actor: Actor, row: LoadBalancerRow) {
  return {
    /** Throws the AwsError that S3 answers. @param name what follows the account in the key */
    async put(bucket: string, prefix: string, name: string, body: Uint8Array): Promise<void> {
      await actor.call(
        {
          as: 'service',
          name: servicePrincipal,
          region: row.region,
          sourceAccount: row.account,
          sourceArn: loadBalancerArn(row),
        },
        's3',
        'PutObject',
        {
          Bucket: bucket,
          Key: `${prefix === '' ? '' : `${prefix}/`}AWSLogs/${row.account}/${name}`,
          Body: again(body),
          ContentLength: body.length,
        },
      );
    },
  };
}

/** A body that can be read more than once, as a call may run again after a conflict. */
function again(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  return {
    async *[Symbol.asyncIterator]() {
      if (bytes.length > 0) yield bytes;
    },
  };
}
