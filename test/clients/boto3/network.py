"""A VPC with two subnets, a way out, groups that refer to each other, and an access list; kept as wanted, and taken down."""

import socket

from checks import client
from convergence import named, only, where

ec2 = client("ec2")
# A free one: scripts of several versions run beside each other.
with socket.create_server(("127.0.0.1", 0)) as taken:
    PORT = taken.getsockname()[1]
CIDR = "10.50.0.0/16"
SUBNETS = {"us-east-1a": "10.50.1.0/24", "us-east-1b": "10.50.2.0/24"}


def tagged(kind, name):
    return [{"ResourceType": kind, "Tags": named(name)}]


def with_vpc(vpc, **filters):
    return {"Filters": [{"Name": "vpc-id", "Values": [vpc]}, *where(**filters)]}


def keep_vpc(state):
    found = state.keep(
        "VPC",
        lambda: only(ec2.describe_vpcs(Filters=where(cidr=CIDR))["Vpcs"]),
        lambda: ec2.get_waiter("vpc_available").wait(
            VpcIds=[ec2.create_vpc(CidrBlock=CIDR, TagSpecifications=tagged("vpc", "shop"))["Vpc"]["VpcId"]]
        ),
        {"State": "available", "IsDefault": False, "Tags": named("shop")},
    )["VpcId"]

    def names():
        return ec2.describe_vpc_attribute(VpcId=found, Attribute="enableDnsHostnames")["EnableDnsHostnames"]

    state.keep(
        "DNS host names",
        names,
        None,
        {"Value": True},
        lambda _: ec2.modify_vpc_attribute(VpcId=found, EnableDnsHostnames={"Value": True}),
    )
    return found


def keep_subnets(state, vpc):
    kept = []
    for zone, cidr in SUBNETS.items():
        found = state.keep(
            f"subnet in {zone}",
            lambda: only(ec2.describe_subnets(**with_vpc(vpc, cidr_block=cidr))["Subnets"]),
            lambda: ec2.create_subnet(VpcId=vpc, CidrBlock=cidr, AvailabilityZone=zone),
            {"AvailabilityZone": zone, "MapPublicIpOnLaunch": True},
            lambda made: ec2.modify_subnet_attribute(
                SubnetId=made["SubnetId"], MapPublicIpOnLaunch={"Value": True}
            ),
        )
        kept.append(found["SubnetId"])
    return kept


def keep_way_out(state, vpc, subnets):
    def gateways():
        return only(ec2.describe_internet_gateways(Filters=[{"Name": "tag:Name", "Values": ["shop"]}])["InternetGateways"])

    gateway = state.keep(
        "internet gateway",
        gateways,
        lambda: ec2.create_internet_gateway(TagSpecifications=tagged("internet-gateway", "shop")),
        {"Attachments": [{"State": "available", "VpcId": vpc}]},
        lambda found: ec2.attach_internet_gateway(InternetGatewayId=found["InternetGatewayId"], VpcId=vpc),
    )["InternetGatewayId"]

    def table():
        found = only(ec2.describe_route_tables(Filters=[{"Name": "tag:Name", "Values": ["shop"]}])["RouteTables"])
        if found is None:
            return None
        out = [route["GatewayId"] for route in found["Routes"] if route.get("DestinationCidrBlock") == "0.0.0.0/0"]
        used = sorted(one["SubnetId"] for one in found["Associations"])
        return {**found, "out": out, "used": used}

    def mend(found):
        if not found["out"]:
            ec2.create_route(
                RouteTableId=found["RouteTableId"], DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway
            )
        for subnet in set(subnets) - set(found["used"]):
            ec2.associate_route_table(RouteTableId=found["RouteTableId"], SubnetId=subnet)

    state.keep(
        "route table",
        table,
        lambda: ec2.create_route_table(VpcId=vpc, TagSpecifications=tagged("route-table", "shop")),
        {"out": [gateway], "used": sorted(subnets)},
        mend,
    )


def keep_group(state, vpc, name, ingress):
    def find():
        found = only(ec2.describe_security_groups(**with_vpc(vpc, group_name=name))["SecurityGroups"])
        return found and {**found, "rules": simple(found["IpPermissions"])}

    def mend(found):
        if found["IpPermissions"]:
            ec2.revoke_security_group_ingress(GroupId=found["GroupId"], IpPermissions=found["IpPermissions"])
        ec2.authorize_security_group_ingress(GroupId=found["GroupId"], IpPermissions=ingress)

    return state.keep(
        f"group {name}",
        find,
        lambda: ec2.create_security_group(VpcId=vpc, GroupName=name, Description=name),
        {"rules": simple(ingress)},
        mend,
    )["GroupId"]


def simple(permissions):
    """Permissions as tuples in order, whatever the order in which they are told."""
    told = []
    for one in permissions:
        ports = (one["IpProtocol"], one.get("FromPort"), one.get("ToPort"))
        told += [(*ports, source["CidrIp"], source.get("Description")) for source in one.get("IpRanges", [])]
        told += [(*ports, source["CidrIpv6"], None) for source in one.get("Ipv6Ranges", [])]
        told += [(*ports, source["GroupId"], None) for source in one.get("UserIdGroupPairs", [])]
    return sorted(told, key=repr)


def keep_groups(state, vpc):
    web = {"IpProtocol": "tcp", "FromPort": PORT, "ToPort": PORT}
    everyone = {"IpRanges": [{"CidrIp": "127.0.0.0/8", "Description": "customers"}], "Ipv6Ranges": [{"CidrIpv6": "::/0"}]}
    front = keep_group(state, vpc, "front", [{**web, **everyone}])
    till = {"IpProtocol": "tcp", "FromPort": 8080, "ToPort": 8090, "UserIdGroupPairs": [{"GroupId": front}]}
    ping = {"IpProtocol": "icmp", "FromPort": 8, "ToPort": -1, "IpRanges": [{"CidrIp": CIDR}]}
    keep_group(state, vpc, "back", [till, ping])
    return front


def entry(number, action, egress=False, **more):
    return {"RuleNumber": number, "RuleAction": action, "Egress": egress, **more}


ENTRIES = [
    entry(90, "deny", Protocol="-1", CidrBlock="198.51.100.0/24"),
    entry(100, "allow", Protocol="6", CidrBlock="0.0.0.0/0", PortRange={"From": 1, "To": 65535}),
    entry(100, "allow", egress=True, Protocol="-1", CidrBlock="0.0.0.0/0"),
]


def keep_access_list(state, vpc, subnets):
    def find():
        found = only(ec2.describe_network_acls(Filters=[{"Name": "tag:Name", "Values": ["shop"]}])["NetworkAcls"])
        if found is None:
            return None
        own = [one for one in found["Entries"] if one["RuleNumber"] < 32767]
        order = sorted(own, key=lambda one: (one["Egress"], one["RuleNumber"]))
        return {**found, "own": order, "used": sorted(one["SubnetId"] for one in found["Associations"])}

    def mend(found):
        for one in ENTRIES:
            if one not in found["own"]:
                ec2.create_network_acl_entry(NetworkAclId=found["NetworkAclId"], **one)
        for subnet in set(subnets) - set(found["used"]):
            in_use = only(ec2.describe_network_acls(Filters=where(association__subnet_id=subnet))["NetworkAcls"])
            association = only([one for one in in_use["Associations"] if one["SubnetId"] == subnet])
            ec2.replace_network_acl_association(
                AssociationId=association["NetworkAclAssociationId"], NetworkAclId=found["NetworkAclId"]
            )

    state.keep(
        "network ACL",
        find,
        lambda: ec2.create_network_acl(VpcId=vpc, TagSpecifications=tagged("network-acl", "shop")),
        {"own": ENTRIES, "used": sorted(subnets), "IsDefault": False},
        mend,
    )


def keep_network(state):
    """Returns the ids of the VPC, its subnets and the group of what stands in front."""
    vpc = keep_vpc(state)
    subnets = keep_subnets(state, vpc)
    keep_way_out(state, vpc, subnets)
    front = keep_groups(state, vpc)
    keep_access_list(state, vpc, subnets)
    return vpc, subnets, front


def remove_network(vpc):
    for group in sorted(
        ec2.describe_security_groups(**with_vpc(vpc))["SecurityGroups"], key=lambda one: one["GroupName"]
    ):
        if group["GroupName"] != "default":
            ec2.delete_security_group(GroupId=group["GroupId"])
    for subnet in ec2.describe_subnets(**with_vpc(vpc))["Subnets"]:
        ec2.delete_subnet(SubnetId=subnet["SubnetId"])
    for table in ec2.describe_route_tables(**with_vpc(vpc))["RouteTables"]:
        if not any(one["Main"] for one in table["Associations"]):
            ec2.delete_route_table(RouteTableId=table["RouteTableId"])
    for found in ec2.describe_network_acls(**with_vpc(vpc))["NetworkAcls"]:
        if not found["IsDefault"]:
            ec2.delete_network_acl(NetworkAclId=found["NetworkAclId"])
    for gateway in ec2.describe_internet_gateways(Filters=where(attachment__vpc_id=vpc))["InternetGateways"]:
        ec2.detach_internet_gateway(InternetGatewayId=gateway["InternetGatewayId"], VpcId=vpc)
        ec2.delete_internet_gateway(InternetGatewayId=gateway["InternetGatewayId"])
    ec2.delete_vpc(VpcId=vpc)
