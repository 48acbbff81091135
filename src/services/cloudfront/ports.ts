/** What CloudFront asks of others: certificates and web ACLs that distributions name, buckets, and the edge. */
import type { Reader } from '../../store/store.ts';

/** A certificate that a distribution may show. */
export interface ViewerCertificateFacts {
  readonly arn: string;
  readonly account: string;
  readonly isUsable: boolean;
  /** Lower case; `*.` stands for one label. */
  readonly names: readonly string[];
}

export interface CloudFrontPorts {
  /** Of Certificate Manager, by ARN. */
  certificate(reader: Reader, arn: string): Promise<ViewerCertificateFacts | undefined>;
  /** Of IAM, by its unique id. */
  serverCertificate(reader: Reader, account: string, id: string): Promise<ViewerCertificateFacts | undefined>;
  /** The scope and tags of a web ACL. */
  webAcl(
    reader: Reader,
    arn: string,
  ): Promise<
    | { readonly account: string; readonly isGlobal: boolean; readonly tags: Readonly<Record<string, string>> }
    | undefined
  >;
  /** The account whose hosted zone contained a name first; undefined where there is no such zone. */
  ownerOf(reader: Reader, name: string): Promise<string | undefined>;
  bucketExists(reader: Reader, bucket: string): Promise<boolean>;
  /** Resolves when every edge node on the line has been sent what the store holds now. */
  deployed(): Promise<void>;
}
