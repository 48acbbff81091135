# The shop's names, what is watched, and what is protected.
resource "aws_route53_zone" "shop" {
  name    = "coffee.example"
  comment = "The shop's own"
  tags    = { team = "bar" }
}

resource "aws_route53_record" "shop" {
  zone_id = aws_route53_zone.shop.zone_id
  name    = "shop.coffee.example"
  type    = "A"
  alias {
    name                   = aws_lb.pages.dns_name
    zone_id                = aws_lb.pages.zone_id
    evaluate_target_health = true
  }
}

resource "aws_route53_record" "mail" {
  zone_id = aws_route53_zone.shop.zone_id
  name    = "coffee.example"
  type    = "MX"
  ttl     = 300
  records = ["10 mail.coffee.example."]
}

resource "aws_route53_record" "note" {
  zone_id = aws_route53_zone.shop.zone_id
  name    = "coffee.example"
  type    = "TXT"
  ttl     = 300
  records = ["v=spf1 -all", "beans=arabica"]
}

resource "aws_route53_record" "menus" {
  for_each       = { one = 90, two = 10 }
  zone_id        = aws_route53_zone.shop.zone_id
  name           = "menus.coffee.example"
  type           = "CNAME"
  ttl            = 60
  set_identifier = each.key
  records        = ["${each.key}.coffee.example"]
  weighted_routing_policy {
    weight = each.value
  }
}

resource "aws_route53_health_check" "shop" {
  ip_address        = "192.0.2.10"
  port              = 80
  type              = "HTTP"
  resource_path     = "/ok"
  failure_threshold = 3
  request_interval  = 30
  tags              = { Name = "shop" }
}

resource "aws_cloudwatch_metric_alarm" "blocked" {
  alarm_name          = "blocked"
  alarm_description   = "Somebody is trying"
  namespace           = "AWS/WAFV2"
  metric_name         = "BlockedRequests"
  statistic           = "Sum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 100
  period              = 60
  evaluation_periods  = 2
  datapoints_to_alarm = 1
  treat_missing_data  = "notBreaching"
  dimensions = {
    WebACL = aws_wafv2_web_acl.shop.name
    Rule   = "ALL"
    Region = "us-east-1"
  }
  tags = { team = "bar" }
}

resource "aws_cloudwatch_log_group" "till" {
  name = "/shop/till"
}

resource "aws_cloudwatch_log_stream" "till" {
  name           = "one"
  log_group_name = aws_cloudwatch_log_group.till.name
}

resource "aws_cloudwatch_log_resource_policy" "waf" {
  policy_name = "waf"
  policy_document = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "delivery.logs.amazonaws.com" }
      Action    = ["logs:CreateLogStream", "logs:PutLogEvents"]
      Resource  = "${aws_cloudwatch_log_group.till.arn}:*"
    }]
  })
}

resource "aws_shield_subscription" "this" {
  auto_renew   = "ENABLED"
  skip_destroy = true
}

resource "aws_shield_protection" "pages" {
  name         = "pages"
  resource_arn = aws_lb.pages.arn
  tags         = { team = "bar" }
  depends_on   = [aws_shield_subscription.this]
}

resource "aws_shield_protection_health_check_association" "pages" {
  health_check_arn     = aws_route53_health_check.shop.arn
  shield_protection_id = aws_shield_protection.pages.id
}

resource "aws_shield_protection_group" "all" {
  protection_group_id = "balancers"
  aggregation         = "MAX"
  pattern             = "BY_RESOURCE_TYPE"
  resource_type       = "APPLICATION_LOAD_BALANCER"
  depends_on          = [aws_shield_protection.pages]
}

resource "aws_shield_application_layer_automatic_response" "pages" {
  resource_arn = aws_lb.pages.arn
  action       = "COUNT"
  depends_on   = [aws_shield_protection.pages, aws_wafv2_web_acl_association.pages]
}
