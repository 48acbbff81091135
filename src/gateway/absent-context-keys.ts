/** Condition keys that are never present here, each with the reason: what would fill them is not built. */

/** Key (lower case) → why it is absent. A key with a trailing `/` stands for its family. */
export const absentContextKeys: Readonly<Record<string, string>> = {
  'aws:assumedroot': 'sts:AssumeRoot is refused until Organizations exists',
  'aws:federatedprovider': 'federation is not built',
  'aws:chatbotsourcearn': 'there is no chat service',
  'aws:ec2instancesourcevpc': 'there are no hosts that hand out credentials',
  'aws:ec2instancesourceprivateipv4': 'there are no hosts that hand out credentials',
  'ec2:roledelivery': 'there are no hosts that hand out credentials',
  'ec2:sourceinstancearn': 'there are no hosts that hand out credentials',
  'glue:roleassumedby': 'the service is not built',
  'glue:credentialissuingservice': 'the service is not built',
  'lambda:sourcefunctionarn': 'the service is not built',
  'ssm:sourceinstancearn': 'the service is not built',
  'identitystore:userid': 'the service is not built',
  'aws:vpceorgpaths': 'there are no organizations',
  'aws:vpceorgid': 'there are no organizations',
  'aws:sourceowner': 'only for services that name the owner of their source; none that is built does',
  'aws:principalorgid': 'there are no organizations',
  'aws:principalorgpaths': 'there are no organizations',
  'aws:resourceorgid': 'there are no organizations',
  'aws:resourceorgpaths': 'there are no organizations',
  'aws:sourceorgid': 'there are no organizations',
  'aws:sourceorgpaths': 'there are no organizations',
  'aws:calledviaawsmcp': 'there is no MCP server',
  'aws:viaawsmcpservice': 'there is no MCP server',
  'aws:ismcpserviceaction': 'there is no MCP server',
};

/** Families whose last part is a tag key. */
export const tagFamilies: readonly string[] = ['aws:principaltag/', 'aws:resourcetag/', 'aws:requesttag/'];
