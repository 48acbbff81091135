/** What an allowed call answers while there are no hosts: DryRun has its result, the deed itself is not built. */
import { AwsError } from '../service.ts';

/**
 * Called after the full decision, as EC2 does: a caller without permission learns UnauthorizedOperation, never this.
 * @see EC2 API Reference, "Common query parameters", DryRun
 */
export function withoutHosts(operation: string, dryRun: boolean | undefined): AwsError {
  return dryRun
    ? new AwsError('DryRunOperation', 'Request would have succeeded, but DryRun flag is set.', { status: 412 })
    : new AwsError('NotImplemented', `${operation} is not built by Bailey until hosts exist.`, { status: 501 });
}
