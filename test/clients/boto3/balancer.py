"""A load balancer with a target group, a listener and rules; kept as wanted, and taken down."""

from checks import client
from convergence import absent, only
from network import PORT

elb = client("elbv2")


def keep_target_group(state, vpc, port):
    found = state.keep(
        "target group",
        lambda: only(
            (absent(elb.exceptions.TargetGroupNotFoundException, elb.describe_target_groups, Names=["shop"]) or {}).get(
                "TargetGroups", []
            )
        ),
        lambda: elb.create_target_group(
            Name="shop", Protocol="HTTP", Port=port, VpcId=vpc, TargetType="ip", HealthCheckPath="/ok"
        ),
        {"HealthCheckPath": "/ok", "HealthCheckIntervalSeconds": 5, "Matcher": {"HttpCode": "200-299"}},
        lambda made: elb.modify_target_group(
            TargetGroupArn=made["TargetGroupArn"],
            HealthCheckIntervalSeconds=5,
            HealthCheckTimeoutSeconds=2,
            HealthyThresholdCount=2,
            Matcher={"HttpCode": "200-299"},
        ),
    )["TargetGroupArn"]

    def targets():
        told = elb.describe_target_health(TargetGroupArn=found)["TargetHealthDescriptions"]
        return {"targets": sorted(one["Target"]["Id"] for one in told)}

    state.keep(
        "target",
        targets,
        None,
        {"targets": ["127.0.0.1"]},
        lambda _: elb.register_targets(TargetGroupArn=found, Targets=[{"Id": "127.0.0.1"}]),
    )
    return found


def keep_balancer(state, subnets, group):
    arn = state.keep(
        "load balancer",
        lambda: only(
            (absent(elb.exceptions.LoadBalancerNotFoundException, elb.describe_load_balancers, Names=["shop"]) or {}).get(
                "LoadBalancers", []
            )
        ),
        lambda: elb.get_waiter("load_balancer_available").wait(
            LoadBalancerArns=[
                elb.create_load_balancer(
                    Name="shop", Subnets=subnets, SecurityGroups=[group], Tags=[{"Key": "team", "Value": "bar"}]
                )["LoadBalancers"][0]["LoadBalancerArn"]
            ]
        ),
        {"Scheme": "internet-facing", "Type": "application", "SecurityGroups": [group]},
    )["LoadBalancerArn"]

    def attributes():
        told = elb.describe_load_balancer_attributes(LoadBalancerArn=arn)["Attributes"]
        return {one["Key"]: one["Value"] for one in told}

    wanted = {"idle_timeout.timeout_seconds": "90", "routing.http.drop_invalid_header_fields.enabled": "true"}
    state.keep(
        "attributes of the load balancer",
        attributes,
        None,
        wanted,
        lambda _: elb.modify_load_balancer_attributes(
            LoadBalancerArn=arn, Attributes=[{"Key": key, "Value": value} for key, value in wanted.items()]
        ),
    )
    return arn


def keep_listener(state, balancer, group):
    forward = [{"Type": "forward", "TargetGroupArn": group}]

    def listener():
        found = elb.describe_listeners(LoadBalancerArn=balancer)["Listeners"]
        one = only([one for one in found if one["Port"] == PORT])
        return one and {**one, "target": one["DefaultActions"][0].get("TargetGroupArn")}

    arn = state.keep(
        "listener",
        listener,
        lambda: elb.create_listener(LoadBalancerArn=balancer, Protocol="HTTP", Port=PORT, DefaultActions=forward),
        {"Protocol": "HTTP", "target": group},
        lambda found: elb.modify_listener(ListenerArn=found["ListenerArn"], DefaultActions=forward),
    )["ListenerArn"]
    closed = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "503", "MessageBody": "closed"}}
    away = {
        "Type": "redirect",
        "RedirectConfig": {"StatusCode": "HTTP_302", "Path": "/menus/#{path}", "Host": "menus.coffee.example"},
    }
    keep_rule(state, arn, "10", [{"Field": "path-pattern", "Values": ["/closed/*"]}], closed)
    both = [
        {"Field": "host-header", "Values": ["old.coffee.example"]},
        {"Field": "http-request-method", "HttpRequestMethodConfig": {"Values": ["GET"]}},
    ]
    keep_rule(state, arn, "20", both, away)
    return arn


def keep_rule(state, listener, priority, conditions, action):
    def find():
        found = elb.describe_rules(ListenerArn=listener)["Rules"]
        one = only([one for one in found if one["Priority"] == priority])
        return one and {**one, "fields": sorted(condition["Field"] for condition in one["Conditions"]), "kind": one["Actions"][0]["Type"]}

    return state.keep(
        f"rule {priority}",
        find,
        lambda: elb.create_rule(
            ListenerArn=listener, Priority=int(priority), Conditions=conditions, Actions=[action]
        ),
        {"fields": sorted(one["Field"] for one in conditions), "kind": action["Type"]},
        lambda made: elb.modify_rule(RuleArn=made["RuleArn"], Conditions=conditions, Actions=[action]),
    )


def remove_balancer(balancer, group):
    elb.delete_load_balancer(LoadBalancerArn=balancer)
    elb.get_waiter("load_balancers_deleted").wait(LoadBalancerArns=[balancer])
    elb.delete_target_group(TargetGroupArn=group)
