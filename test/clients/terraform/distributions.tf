# A shop's pages, kept near those who read them: a distribution with a web ACL of its own.
data "aws_cloudfront_cache_policy" "optimized" {
  name = "Managed-CachingOptimized"
}

data "aws_cloudfront_origin_request_policy" "all" {
  name = "Managed-AllViewer"
}

resource "aws_wafv2_web_acl" "everywhere" {
  name  = "everywhere"
  scope = "CLOUDFRONT"
  default_action {
    allow {}
  }
  visibility_config {
    cloudwatch_metrics_enabled = true
    metric_name                = "everywhere"
    sampled_requests_enabled   = true
  }
}

resource "aws_cloudfront_distribution" "shop" {
  enabled             = true
  comment             = "shop"
  default_root_object = "index.html"
  is_ipv6_enabled     = true
  price_class         = "PriceClass_100"
  web_acl_id          = aws_wafv2_web_acl.everywhere.arn
  wait_for_deployment = false
  aliases             = ["shop.example.com"]

  origin {
    origin_id   = "pages"
    domain_name = aws_lb.pages.dns_name
    origin_path = "/v1"
    custom_header {
      name  = "X-From-Edge"
      value = "yes"
    }
    custom_origin_config {
      http_port              = 18180
      https_port             = 443
      origin_protocol_policy = "match-viewer"
      origin_ssl_protocols   = ["TLSv1.2"]
    }
  }

  default_cache_behavior {
    target_origin_id         = "pages"
    viewer_protocol_policy   = "redirect-to-https"
    allowed_methods          = ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"]
    cached_methods           = ["GET", "HEAD"]
    cache_policy_id          = data.aws_cloudfront_cache_policy.optimized.id
    origin_request_policy_id = data.aws_cloudfront_origin_request_policy.all.id
    compress                 = true
  }

  ordered_cache_behavior {
    path_pattern           = "/old/*"
    target_origin_id       = "pages"
    viewer_protocol_policy = "allow-all"
    allowed_methods        = ["GET", "HEAD"]
    cached_methods         = ["GET", "HEAD"]
    forwarded_values {
      query_string = true
      headers      = ["Origin"]
      cookies {
        forward           = "whitelist"
        whitelisted_names = ["session"]
      }
    }
    min_ttl     = 0
    default_ttl = 60
    max_ttl     = 120
  }

  restrictions {
    geo_restriction {
      restriction_type = "none"
    }
  }

  viewer_certificate {
    acm_certificate_arn      = aws_acm_certificate.shop.arn
    ssl_support_method       = "sni-only"
    minimum_protocol_version = "TLSv1.2_2021"
  }

  tags = { team = "bar" }
}
