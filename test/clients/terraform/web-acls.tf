# The shop's web ACLs: lists, patterns, groups, a web ACL with every kind of rule on its load balancer, and its log.
resource "aws_wafv2_ip_set" "pranksters" {
  name               = "pranksters"
  description        = "Prank callers"
  scope              = "REGIONAL"
  ip_address_version = "IPV4"
  addresses          = ["192.0.2.0/24", "198.51.100.7/32"]
  tags               = { team = "bar" }
}

resource "aws_wafv2_ip_set" "v6" {
  name               = "v6"
  scope              = "REGIONAL"
  ip_address_version = "IPV6"
  addresses          = ["2001:db8::/32"]
}

resource "aws_wafv2_regex_pattern_set" "scanners" {
  name  = "scanners"
  scope = "REGIONAL"

  regular_expression {
    regex_string = "^/wp-(admin|login)"
  }
  regular_expression {
    regex_string = "\\.php$"
  }
}

resource "aws_wafv2_rule_group" "pages" {
  name     = "pages"
  scope    = "REGIONAL"
  capacity = 100

  custom_response_body {
    key          = "closed"
    content      = "Closed."
    content_type = "TEXT_PLAIN"
  }

  rule {
    name     = "staff"
    priority = 1
    action {
      block {
        custom_response {
          response_code            = 403
          custom_response_body_key = "closed"
        }
      }
    }
    rule_label {
      name = "staff:page"
    }
    statement {
      and_statement {
        statement {
          byte_match_statement {
            search_string         = "/staff"
            positional_constraint = "STARTS_WITH"
            field_to_match {
              uri_path {}
            }
            text_transformation {
              priority = 0
              type     = "URL_DECODE"
            }
            text_transformation {
              priority = 1
              type     = "LOWERCASE"
            }
          }
        }
        statement {
          not_statement {
            statement {
              geo_match_statement {
                country_codes = ["NL", "BE"]
              }
            }
          }
        }
      }
    }
    visibility_config {
      cloudwatch_metrics_enabled = true
      metric_name                = "staff"
      sampled_requests_enabled   = true
    }
  }

  visibility_config {
    cloudwatch_metrics_enabled = false
    metric_name                = "pages"
    sampled_requests_enabled   = false
  }
}

resource "aws_wafv2_web_acl" "shop" {
  name        = "shop"
  description = "For the coffee shop"
  scope       = "REGIONAL"

  default_action {
    allow {
      custom_request_handling {
        insert_header {
          name  = "seen"
          value = "yes"
        }
      }
    }
  }

  captcha_config {
    immunity_time_property {
      immunity_time = 120
    }
  }

  token_domains = ["coffee.example"]

  rule {
    name     = "pranksters"
    priority = 10
    action {
      block {}
    }
    statement {
      or_statement {
        statement {
          ip_set_reference_statement {
            arn = aws_wafv2_ip_set.pranksters.arn
          }
        }
        statement {
          ip_set_reference_statement {
            arn = aws_wafv2_ip_set.v6.arn
            ip_set_forwarded_ip_config {
              header_name       = "X-Forwarded-For"
              fallback_behavior = "NO_MATCH"
              position          = "ANY"
            }
          }
        }
      }
    }
    visibility_config {
      cloudwatch_metrics_enabled = true
      metric_name                = "pranksters"
      sampled_requests_enabled   = true
    }
  }

  rule {
    name     = "common"
    priority = 20
    override_action {
      none {}
    }
    statement {
      managed_rule_group_statement {
        vendor_name = "AWS"
        name        = "AWSManagedRulesCommonRuleSet"
        rule_action_override {
          name = "SizeRestrictions_BODY"
          action_to_use {
            count {}
          }
        }
        scope_down_statement {
          not_statement {
            statement {
              regex_pattern_set_reference_statement {
                arn = aws_wafv2_regex_pattern_set.scanners.arn
                field_to_match {
                  uri_path {}
                }
                text_transformation {
                  priority = 0
                  type     = "NONE"
                }
              }
            }
          }
        }
      }
    }
    visibility_config {
      cloudwatch_metrics_enabled = true
      metric_name                = "common"
      sampled_requests_enabled   = true
    }
  }

  rule {
    name     = "rate"
    priority = 30
    action {
      captcha {}
    }
    statement {
      rate_based_statement {
        limit                 = 100
        evaluation_window_sec = 120
        aggregate_key_type    = "CUSTOM_KEYS"
        custom_key {
          ip {}
        }
        custom_key {
          header {
            name = "x-key"
            text_transformation {
              priority = 0
              type     = "NONE"
            }
          }
        }
        scope_down_statement {
          label_match_statement {
            scope = "NAMESPACE"
            key   = "awswaf:managed:aws:core-rule-set:"
          }
        }
      }
    }
    visibility_config {
      cloudwatch_metrics_enabled = true
      metric_name                = "rate"
      sampled_requests_enabled   = true
    }
  }

  rule {
    name     = "pages"
    priority = 40
    override_action {
      count {}
    }
    statement {
      rule_group_reference_statement {
        arn = aws_wafv2_rule_group.pages.arn
      }
    }
    visibility_config {
      cloudwatch_metrics_enabled = true
      metric_name                = "pages"
      sampled_requests_enabled   = true
    }
  }

  rule {
    name     = "bodies"
    priority = 50
    action {
      count {}
    }
    statement {
      sqli_match_statement {
        sensitivity_level = "HIGH"
        field_to_match {
          json_body {
            match_scope       = "VALUE"
            oversize_handling = "CONTINUE"
            match_pattern {
              included_paths = ["/order/note"]
            }
          }
        }
        text_transformation {
          priority = 0
          type     = "NONE"
        }
      }
    }
    visibility_config {
      cloudwatch_metrics_enabled = true
      metric_name                = "bodies"
      sampled_requests_enabled   = true
    }
  }

  visibility_config {
    cloudwatch_metrics_enabled = true
    metric_name                = "shop"
    sampled_requests_enabled   = true
  }
  tags = { team = "bar" }
}

resource "aws_wafv2_web_acl_association" "pages" {
  resource_arn = aws_lb.pages.arn
  web_acl_arn  = aws_wafv2_web_acl.shop.arn
}

resource "aws_s3_bucket" "waf_log" {
  bucket        = "aws-waf-logs-shop"
  force_destroy = true
}

resource "aws_wafv2_web_acl_logging_configuration" "shop" {
  log_destination_configs = [aws_s3_bucket.waf_log.arn]
  resource_arn            = aws_wafv2_web_acl.shop.arn

  redacted_fields {
    single_header {
      name = "authorization"
    }
  }
  logging_filter {
    default_behavior = "DROP"
    filter {
      behavior    = "KEEP"
      requirement = "MEETS_ANY"
      condition {
        action_condition {
          action = "BLOCK"
        }
      }
    }
  }
}

resource "aws_wafv2_web_acl" "pages_everywhere" {
  name  = "pages-everywhere"
  scope = "CLOUDFRONT"

  default_action {
    block {}
  }

  visibility_config {
    cloudwatch_metrics_enabled = false
    metric_name                = "everywhere"
    sampled_requests_enabled   = false
  }
}
