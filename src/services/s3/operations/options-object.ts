/** OptionsObject: the question that a browser asks before a cross-origin request; it takes no permission. */
import { AwsError, operation } from '../../service.ts';
import { openBucketAnywhere } from '../bucket-access.ts';
import { corsHeaders } from '../cors.ts';
import { badRequest } from '../errors.ts';
import type { S3Ports } from '../ports.ts';

export interface OptionsObjectInput {
  readonly Bucket: string;
  readonly Key?: string;
  readonly Origin?: string;
  readonly AccessControlRequestMethod?: string;
  readonly AccessControlRequestHeaders?: string;
}

export interface OptionsObjectOutput {
  readonly AllowOrigin?: string | undefined;
  readonly AllowMethods?: string | undefined;
  readonly AllowHeaders?: string | undefined;
  readonly ExposeHeaders?: string | undefined;
  readonly MaxAge?: string | undefined;
  readonly AllowCredentials?: string | undefined;
  readonly Vary?: string | undefined;
}

export const optionsObject = operation<OptionsObjectInput, OptionsObjectOutput, S3Ports>({
  allowsAnonymous: true,
  // No action of IAM: the bucket's rules decide.
  perItem: true,
  record: { data: true, readOnly: true },
  checks: () => [],

  async handle(input, call) {
    const bucket = await openBucketAnywhere(input, call);
    if (!input.Origin) throw badRequest('Insufficient information. Origin request header needed.');
    const method = input.AccessControlRequestMethod;
    if (!method) throw badRequest('Invalid Access-Control-Request-Method: null');
    if (!bucket.cors) throw forbidden('CORSResponse: CORS is not enabled for this bucket.', method);
    const request = { origin: input.Origin, method, requestHeaders: input.AccessControlRequestHeaders };
    const headers = corsHeaders(bucket.cors, request, true);
    if (!headers) {
      throw forbidden(
        "CORSResponse: This CORS request is not allowed. This is usually because the evalution of Origin, request method / Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the resource's CORS spec.",
        method,
      );
    }
    return {
      AllowOrigin: headers['access-control-allow-origin'],
      AllowMethods: headers['access-control-allow-methods'],
      AllowHeaders: headers['access-control-allow-headers'],
      ExposeHeaders: headers['access-control-expose-headers'],
      MaxAge: headers['access-control-max-age'],
      AllowCredentials: headers['access-control-allow-credentials'],
      Vary: headers.vary,
    };
  },
});

const forbidden = (message: string, method: string): AwsError =>
  new AwsError('AccessForbidden', message, { status: 403, members: { Method: method, ResourceType: 'OBJECT' } });
