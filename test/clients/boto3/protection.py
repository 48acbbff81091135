"""What stands guard over a load balancer: a web ACL, Shield, names, an alarm and logs; kept as wanted, and taken down."""

from checks import client
from convergence import absent, only

waf = client("wafv2")
shield = client("shield")
route53 = client("route53")
cloudwatch = client("cloudwatch")
logs = client("logs")

SCOPE = {"Scope": "REGIONAL"}
LOG_GROUP = "aws-waf-logs-shop"
ZONE = "coffee.example."


def seen(name):
    return {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": name}


def rule(priority, name, statement, **action):
    return {"Name": name, "Priority": priority, "Statement": statement, "VisibilityConfig": seen(name), **action}


def managed(name, **more):
    return {"ManagedRuleGroupStatement": {"VendorName": "AWS", "Name": name, **more}}


def rules(ip_set):
    fewer = [{"Name": "SizeRestrictions_BODY", "ActionToUse": {"Count": {}}}]
    rate = {"Limit": 200, "AggregateKeyType": "IP"}
    if "EvaluationWindowSec" in waf.meta.service_model.shape_for("RateBasedStatement").members:
        rate["EvaluationWindowSec"] = 60
    return [
        rule(0, "unwanted", {"IPSetReferenceStatement": {"ARN": ip_set}}, Action={"Block": {}}),
        rule(1, "rate", {"RateBasedStatement": rate}, Action={"Block": {}}),
        rule(
            2,
            "common",
            managed("AWSManagedRulesCommonRuleSet", RuleActionOverrides=fewer),
            OverrideAction={"None": {}},
        ),
        rule(3, "sqli", managed("AWSManagedRulesSQLiRuleSet"), OverrideAction={"None": {}}),
    ]


def keep_ip_set(state):
    def find():
        found = only([one for one in waf.list_ip_sets(**SCOPE)["IPSets"] if one["Name"] == "unwanted"])
        if found is None:
            return None
        told = waf.get_ip_set(Name=found["Name"], Id=found["Id"], **SCOPE)
        return {**told["IPSet"], "LockToken": told["LockToken"]}

    addresses = ["192.0.2.0/24", "198.51.100.7/32"]
    return state.keep(
        "IP set",
        find,
        lambda: waf.create_ip_set(Name="unwanted", IPAddressVersion="IPV4", Addresses=addresses, **SCOPE),
        {"Addresses": addresses},
        lambda found: waf.update_ip_set(
            Name=found["Name"], Id=found["Id"], Addresses=addresses, LockToken=found["LockToken"], **SCOPE
        ),
    )["ARN"]


def keep_web_acl(state, ip_set, balancer):
    def find():
        found = only([one for one in waf.list_web_acls(**SCOPE)["WebACLs"] if one["Name"] == "front"])
        if found is None:
            return None
        told = waf.get_web_acl(Name=found["Name"], Id=found["Id"], **SCOPE)
        # What Shield puts in front belongs to Shield.
        own = [one for one in told["WebACL"]["Rules"] if not one["Name"].startswith("ShieldMitigationRuleGroup")]
        return {**told["WebACL"], "own": own, "LockToken": told["LockToken"]}

    wanted = rules(ip_set)
    basics = {"DefaultAction": {"Allow": {}}, "VisibilityConfig": seen("front")}

    def mend(found):
        kept = [one for one in found["Rules"] if one not in found["own"]]
        waf.update_web_acl(
            Name="front", Id=found["Id"], LockToken=found["LockToken"], Rules=wanted + kept, **basics, **SCOPE
        )

    acl = state.keep(
        "web ACL",
        find,
        lambda: waf.create_web_acl(Name="front", Rules=wanted, **basics, **SCOPE),
        {"own": wanted, **basics},
        mend,
    )["ARN"]
    state.keep(
        "association",
        lambda: waf.get_web_acl_for_resource(ResourceArn=balancer).get("WebACL"),
        lambda: waf.associate_web_acl(WebACLArn=acl, ResourceArn=balancer),
        {"ARN": acl},
    )
    return acl


def keep_logs(state, acl):
    arn = state.keep(
        "log group",
        lambda: only(logs.describe_log_groups(logGroupNamePrefix=LOG_GROUP)["logGroups"]),
        lambda: logs.create_log_group(logGroupName=LOG_GROUP),
        {"retentionInDays": 30},
        lambda _: logs.put_retention_policy(logGroupName=LOG_GROUP, retentionInDays=30),
    )["arn"]
    destination = {"ResourceArn": acl, "LogDestinationConfigs": [arn.removesuffix(":*")]}

    def logging():
        missing = waf.exceptions.WAFNonexistentItemException
        found = absent(missing, waf.get_logging_configuration, ResourceArn=acl)
        return found and found["LoggingConfiguration"]

    state.keep(
        "log of the web ACL",
        logging,
        lambda: waf.put_logging_configuration(LoggingConfiguration=destination),
        {"LogDestinationConfigs": destination["LogDestinationConfigs"]},
    )


def keep_shield(state, balancer):
    state.keep(
        "subscription",
        lambda: shield.get_subscription_state() if shield.get_subscription_state()["SubscriptionState"] == "ACTIVE" else None,
        shield.create_subscription,
    )

    def protection():
        missing = shield.exceptions.ResourceNotFoundException
        found = absent(missing, shield.describe_protection, ResourceArn=balancer)
        return found and {**found["Protection"]}

    def answer(found):
        told = found.get("ApplicationLayerAutomaticResponseConfiguration", {})
        return told.get("Status"), told.get("Action")

    state.keep(
        "protection",
        lambda: (found := protection()) and {**found, "answer": answer(found)},
        lambda: shield.create_protection(Name="front", ResourceArn=balancer),
        {"answer": ("ENABLED", {"Count": {}})},
        lambda _: shield.enable_application_layer_automatic_response(ResourceArn=balancer, Action={"Count": {}}),
    )


def keep_names(state, balancer):
    told = only(client("elbv2").describe_load_balancers(LoadBalancerArns=[balancer])["LoadBalancers"])
    zone = state.keep(
        "hosted zone",
        lambda: only([one for one in route53.list_hosted_zones_by_name(DNSName=ZONE)["HostedZones"] if one["Name"] == ZONE]),
        lambda: route53.get_waiter("resource_record_sets_changed").wait(
            Id=route53.create_hosted_zone(Name=ZONE, CallerReference="shop")["ChangeInfo"]["Id"],
            WaiterConfig={"Delay": 1},
        ),
    )["Id"]
    alias = {
        "HostedZoneId": told["CanonicalHostedZoneId"],
        "DNSName": f"dualstack.{told['DNSName'].lower()}.",
        "EvaluateTargetHealth": True,
    }
    wanted = {"Name": f"shop.{ZONE}", "Type": "A", "AliasTarget": alias}

    def record():
        pages = route53.get_paginator("list_resource_record_sets").paginate(HostedZoneId=zone)
        found = [one for page in pages for one in page["ResourceRecordSets"]]
        return only([one for one in found if (one["Name"], one["Type"]) == (wanted["Name"], "A")])

    def change(action):
        changes = [{"Action": action, "ResourceRecordSet": wanted}]
        return route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": changes})

    state.keep("alias", record, lambda: change("CREATE"), wanted, lambda _: change("UPSERT"))
    return zone, lambda: change("DELETE")


def keep_alarm(state):
    wanted = {
        "Namespace": "AWS/WAFV2",
        "MetricName": "BlockedRequests",
        "Dimensions": [
            {"Name": "WebACL", "Value": "front"},
            {"Name": "Rule", "Value": "ALL"},
            {"Name": "Region", "Value": "us-east-1"},
        ],
        "Statistic": "Sum",
        "Period": 60,
        "EvaluationPeriods": 2,
        "Threshold": 100.0,
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "notBreaching",
    }
    state.keep(
        "alarm",
        lambda: only(cloudwatch.describe_alarms(AlarmNames=["blocked"])["MetricAlarms"]),
        lambda: cloudwatch.put_metric_alarm(AlarmName="blocked", **wanted),
        wanted,
        lambda _: cloudwatch.put_metric_alarm(AlarmName="blocked", **wanted),
    )


def remove_protection(acl, balancer, zone, remove_alias):
    cloudwatch.delete_alarms(AlarmNames=["blocked"])
    remove_alias()
    route53.delete_hosted_zone(Id=zone)
    shield.disable_application_layer_automatic_response(ResourceArn=balancer)
    found = shield.describe_protection(ResourceArn=balancer)["Protection"]
    shield.delete_protection(ProtectionId=found["Id"])
    waf.delete_logging_configuration(ResourceArn=acl)
    waf.disassociate_web_acl(ResourceArn=balancer)
    summary = only([one for one in waf.list_web_acls(**SCOPE)["WebACLs"] if one["ARN"] == acl])
    waf.delete_web_acl(Name=summary["Name"], Id=summary["Id"], LockToken=summary["LockToken"], **SCOPE)
    ip_set = only([one for one in waf.list_ip_sets(**SCOPE)["IPSets"] if one["Name"] == "unwanted"])
    waf.delete_ip_set(Name=ip_set["Name"], Id=ip_set["Id"], LockToken=ip_set["LockToken"], **SCOPE)
    logs.delete_log_group(logGroupName=LOG_GROUP)
