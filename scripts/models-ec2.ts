/** The operations of EC2 whose constraints are wanted: hosts, and the network that protects them. The rest of the model is large. */

const hosts = ['RunInstances', 'DescribeInstances', 'TerminateInstances'];

/** Per kind of resource: what it is made, listed, changed and deleted by. */
const network = `
  CreateVpc CreateDefaultVpc DeleteVpc DescribeVpcs DescribeVpcAttribute ModifyVpcAttribute
  AssociateVpcCidrBlock DisassociateVpcCidrBlock ModifyVpcTenancy
  CreateSubnet CreateDefaultSubnet DeleteSubnet DescribeSubnets ModifySubnetAttribute
  CreateSecurityGroup DeleteSecurityGroup DescribeSecurityGroups DescribeSecurityGroupRules DescribeSecurityGroupReferences
  DescribeStaleSecurityGroups GetSecurityGroupsForVpc
  AuthorizeSecurityGroupIngress AuthorizeSecurityGroupEgress RevokeSecurityGroupIngress RevokeSecurityGroupEgress
  ModifySecurityGroupRules UpdateSecurityGroupRuleDescriptionsIngress UpdateSecurityGroupRuleDescriptionsEgress
  CreateNetworkAcl DeleteNetworkAcl DescribeNetworkAcls CreateNetworkAclEntry ReplaceNetworkAclEntry DeleteNetworkAclEntry
  ReplaceNetworkAclAssociation
  CreateNetworkInterface DeleteNetworkInterface DescribeNetworkInterfaces DescribeNetworkInterfaceAttribute
  ModifyNetworkInterfaceAttribute AttachNetworkInterface DetachNetworkInterface AssignPrivateIpAddresses
  UnassignPrivateIpAddresses
  CreateManagedPrefixList DeleteManagedPrefixList DescribeManagedPrefixLists GetManagedPrefixListEntries
  GetManagedPrefixListAssociations ModifyManagedPrefixList RestoreManagedPrefixListVersion DescribePrefixLists
  CreateFlowLogs DeleteFlowLogs DescribeFlowLogs
  CreateVpcEndpoint DeleteVpcEndpoints DescribeVpcEndpoints ModifyVpcEndpoint DescribeVpcEndpointServices
  CreateRouteTable DeleteRouteTable DescribeRouteTables CreateRoute ReplaceRoute DeleteRoute AssociateRouteTable
  DisassociateRouteTable ReplaceRouteTableAssociation
  CreateInternetGateway DeleteInternetGateway DescribeInternetGateways AttachInternetGateway DetachInternetGateway
  CreateTags DeleteTags DescribeTags
  DescribeRegions DescribeAvailabilityZones DescribeAccountAttributes DescribeInstanceAttribute ModifyInstanceAttribute
  DescribeInstanceStatus DescribeInstanceTypes DescribeDhcpOptions DescribeAddresses DescribeNatGateways
  DescribeVpcPeeringConnections DescribeVpnGateways DescribeEgressOnlyInternetGateways DescribeVpcClassicLink
  DescribeVpcClassicLinkDnsSupport DescribeInstanceCreditSpecifications DescribeImages DescribeVolumes
`;

export const ec2Operations: readonly string[] = [...hosts, ...network.trim().split(/\s+/)];
