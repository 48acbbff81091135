"""A shop's whole front door kept by a script: the first run makes it, the second finds nothing to do, the last takes it down."""

import http.server
import threading
import time
import urllib.error
import urllib.request

from balancer import elb, keep_balancer, keep_listener, keep_target_group, remove_balancer
from checks import check, holds, refused, same
from convergence import Convergence
from network import PORT, ec2, keep_network, remove_network, with_vpc
from protection import (
    LOG_GROUP,
    SCOPE,
    keep_alarm,
    keep_ip_set,
    keep_logs,
    keep_names,
    keep_shield,
    keep_web_acl,
    logs,
    remove_protection,
    route53,
    shield,
    waf,
)


class Shop(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "4")
        self.end_headers()
        self.wfile.write(b"shop")

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Shop)
threading.Thread(target=server.serve_forever, daemon=True).start()
made = {}


def run():
    """One run of the script; returns what it changed."""
    state = Convergence()
    vpc, subnets, front = keep_network(state)
    group = keep_target_group(state, vpc, server.server_address[1])
    balancer = keep_balancer(state, subnets, front)
    listener = keep_listener(state, balancer, group)
    acl = keep_web_acl(state, keep_ip_set(state), balancer)
    keep_logs(state, acl)
    keep_shield(state, balancer)
    zone, remove_alias = keep_names(state, balancer)
    keep_alarm(state)
    made.update(
        vpc=vpc, front=front, group=group, balancer=balancer, listener=listener, acl=acl, zone=zone, alias=remove_alias
    )
    return state.changes


@check("the first run makes the front door")
def _():
    changes = run()
    same(len([one for one in changes if one.startswith("made ")]), 23)


@check("the second run finds nothing to change")
def _():
    same(run(), [])


def get(path):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{PORT}{path}", timeout=10) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return None


@check("customers come through the door, attacks and closed pages do not")
def _():
    until = time.monotonic() + 30
    while get("/") != 200 and time.monotonic() < until:
        time.sleep(0.2)
    same([get("/"), get("/closed/x"), get("/?q=1%27+OR+1%3D1--+")], [200, 503, 403])


@check("what others change is mended, and nothing else is touched")
def _():
    ec2.revoke_security_group_ingress(
        GroupId=made["front"],
        IpPermissions=ec2.describe_security_groups(GroupIds=[made["front"]])["SecurityGroups"][0]["IpPermissions"],
    )
    closed = [{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}]
    elb.modify_listener(ListenerArn=made["listener"], DefaultActions=closed)
    logs.delete_retention_policy(logGroupName=LOG_GROUP)
    same(run(), ["mended group front", "mended listener", "mended log group"])
    same(run(), [])


@check("what is in use cannot be taken away")
def _():
    refused("DependencyViolation", ec2.delete_vpc, VpcId=made["vpc"])
    refused("ResourceInUse", elb.delete_target_group, TargetGroupArn=made["group"])
    refused("DependencyViolation", ec2.delete_security_group, GroupId=made["front"])
    refused("HostedZoneNotEmpty", route53.delete_hosted_zone, Id=made["zone"])
    refused("LockedSubscriptionException", shield.delete_subscription)


@check("the last run takes everything down")
def _():
    remove_protection(made["acl"], made["balancer"], made["zone"], made["alias"])
    remove_balancer(made["balancer"], made["group"])
    remove_network(made["vpc"])
    same(ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["false"]}])["Vpcs"], [])
    same(ec2.describe_security_groups(**with_vpc(made["vpc"]))["SecurityGroups"], [])
    same(elb.describe_load_balancers()["LoadBalancers"], [])
    same([one["Name"] for one in waf.list_web_acls(**SCOPE)["WebACLs"]].count("front"), 0)
    same(route53.list_hosted_zones()["HostedZones"], [])
    same(shield.list_protections()["Protections"], [])
    holds(get("/") is None, "the port is still open")
