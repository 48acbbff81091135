/** DecodeAuthorizationMessage: https://docs.aws.amazon.com/STS/latest/APIReference/API_DecodeAuthorizationMessage.html */
import type { DecodeAuthorizationMessageRequest, DecodeAuthorizationMessageResponse } from '@aws-sdk/client-sts';
import { AwsError, operation } from '../../service.ts';
import type { StsPorts } from '../ports.ts';

/** As the gateway seals denials of EC2. */
const purpose = 'authorization-message';

/** Messages are told only inside the account whose caller was denied. */
export const decodeAuthorizationMessage = operation<
  DecodeAuthorizationMessageRequest,
  DecodeAuthorizationMessageResponse,
  StsPorts
>({
  checks: (_input, call) => [
    { action: 'sts:DecodeAuthorizationMessage', resource: { arn: '*', account: call.scope.account } },
  ],
  handle(input, call) {
    const opened = call.sealer.open(purpose, input.EncodedMessage);
    const message = opened && new TextDecoder().decode(opened);
    if (message === undefined || accountOf(message) !== call.scope.account) {
      throw new AwsError('InvalidAuthorizationMessageException', 'Message is not valid', { status: 400 });
    }
    return { DecodedMessage: message };
  },
});

/** The account in the ARN of the principal that the message tells of. */
function accountOf(message: string): string | undefined {
  const { context } = JSON.parse(message) as { context?: { principal?: { arn?: string } } };
  return context?.principal?.arn?.split(':')[4];
}
