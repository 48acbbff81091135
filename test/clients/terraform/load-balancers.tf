# A shop's load balancers: one for pages, one for streams, with certificates and the authorities of its clients.
data "aws_vpc" "default" {
  default = true
}

data "aws_subnets" "default" {
  filter {
    name   = "vpc-id"
    values = [data.aws_vpc.default.id]
  }
}

variable "certificate" {
  type = string
}

variable "private_key" {
  type = string
}

resource "aws_acm_certificate" "shop" {
  certificate_body = var.certificate
  private_key      = var.private_key
  tags             = { team = "bar" }
}

resource "aws_acm_certificate" "asked" {
  domain_name               = "shop.example.com"
  subject_alternative_names = ["*.shop.example.com"]
  validation_method         = "DNS"
  key_algorithm             = "EC_prime256v1"
}

resource "aws_iam_server_certificate" "shop" {
  name             = "shop"
  certificate_body = var.certificate
  private_key      = var.private_key
}

resource "aws_security_group" "lb" {
  name   = "lb"
  vpc_id = data.aws_vpc.default.id
}

resource "aws_lb" "pages" {
  name                       = "pages"
  load_balancer_type         = "application"
  internal                   = true
  subnets                    = slice(sort(data.aws_subnets.default.ids), 0, 2)
  security_groups            = [aws_security_group.lb.id]
  idle_timeout               = 120
  drop_invalid_header_fields = true
  desync_mitigation_mode     = "strictest"
  xff_header_processing_mode = "preserve"
  tags                       = { team = "bar" }
}

resource "aws_lb" "streams" {
  name                             = "streams"
  load_balancer_type               = "network"
  subnets                          = slice(sort(data.aws_subnets.default.ids), 0, 3)
  enable_cross_zone_load_balancing = true
}

resource "aws_lb_target_group" "pages" {
  name                 = "pages"
  port                 = 18080
  protocol             = "HTTP"
  vpc_id               = data.aws_vpc.default.id
  target_type          = "ip"
  deregistration_delay = 5
  slow_start           = 30
  health_check {
    path                = "/ok"
    matcher             = "200-299"
    interval            = 10
    timeout             = 4
    healthy_threshold   = 3
    unhealthy_threshold = 3
  }
  stickiness {
    type            = "lb_cookie"
    cookie_duration = 3600
  }
  tags = { team = "bar" }
}

resource "aws_lb_target_group" "menus" {
  name                          = "menus"
  port                          = 18081
  protocol                      = "HTTP"
  vpc_id                        = data.aws_vpc.default.id
  load_balancing_algorithm_type = "least_outstanding_requests"
  stickiness {
    type        = "app_cookie"
    cookie_name = "menu"
  }
}

resource "aws_lb_target_group" "streams" {
  name              = "streams"
  port              = 18090
  protocol          = "TCP"
  vpc_id            = data.aws_vpc.default.id
  target_type       = "ip"
  proxy_protocol_v2 = true
}

resource "aws_lb_target_group_attachment" "pages" {
  target_group_arn = aws_lb_target_group.pages.arn
  target_id        = "127.0.0.1"
}

resource "aws_lb_listener" "plain" {
  load_balancer_arn = aws_lb.pages.arn
  port              = 18180
  protocol          = "HTTP"
  default_action {
    type = "redirect"
    redirect {
      port        = "18443"
      protocol    = "HTTPS"
      status_code = "HTTP_301"
    }
  }
}

resource "aws_lb_listener" "secure" {
  load_balancer_arn                                  = aws_lb.pages.arn
  port                                               = 18443
  protocol                                           = "HTTPS"
  ssl_policy                                         = "ELBSecurityPolicy-TLS13-1-2-Res-2021-06"
  certificate_arn                                    = aws_acm_certificate.shop.arn
  routing_http_response_x_frame_options_header_value = "DENY"
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.pages.arn
  }
  tags = { team = "bar" }
}

resource "aws_lb_listener_certificate" "second" {
  listener_arn    = aws_lb_listener.secure.arn
  certificate_arn = aws_iam_server_certificate.shop.arn
}

resource "aws_lb_listener" "streams" {
  load_balancer_arn        = aws_lb.streams.arn
  port                     = 18190
  protocol                 = "TCP"
  tcp_idle_timeout_seconds = 600
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.streams.arn
  }
}

resource "aws_lb_listener_rule" "menus" {
  listener_arn = aws_lb_listener.secure.arn
  priority     = 10
  action {
    type = "forward"
    forward {
      target_group {
        arn    = aws_lb_target_group.menus.arn
        weight = 80
      }
      target_group {
        arn    = aws_lb_target_group.pages.arn
        weight = 20
      }
      stickiness {
        enabled  = true
        duration = 600
      }
    }
  }
  condition {
    path_pattern {
      values = ["/menus/*", "/drinks/*"]
    }
  }
  condition {
    host_header {
      values = ["shop.example.com"]
    }
  }
  tags = { team = "kitchen" }
}

resource "aws_lb_listener_rule" "closed" {
  listener_arn = aws_lb_listener.secure.arn
  priority     = 20
  action {
    type = "fixed-response"
    fixed_response {
      content_type = "text/plain"
      message_body = "closed"
      status_code  = "503"
    }
  }
  condition {
    http_header {
      http_header_name = "X-Team"
      values           = ["kitchen*"]
    }
  }
  condition {
    query_string {
      key   = "day"
      value = "sunday"
    }
  }
  condition {
    http_request_method {
      values = ["GET", "HEAD"]
    }
  }
}

resource "aws_lb_listener_rule" "internal" {
  listener_arn = aws_lb_listener.plain.arn
  action {
    type = "redirect"
    redirect {
      path        = "/internal/#{path}"
      status_code = "HTTP_302"
    }
  }
  condition {
    source_ip {
      values = ["192.0.2.0/24"]
    }
  }
}

resource "aws_s3_bucket" "trust" {
  bucket = "trust-bundles"
}

resource "aws_s3_object" "bundle" {
  bucket  = aws_s3_bucket.trust.id
  key     = "root.pem"
  content = var.authority
}

variable "authority" {
  type = string
}

resource "aws_lb_trust_store" "clients" {
  name                             = "clients"
  ca_certificates_bundle_s3_bucket = aws_s3_bucket.trust.id
  ca_certificates_bundle_s3_key    = aws_s3_object.bundle.key
}

data "aws_lb" "pages" {
  arn = aws_lb.pages.arn
}

resource "aws_lb_listener_rule" "accounts" {
  listener_arn = aws_lb_listener.secure.arn
  priority     = 30
  action {
    type = "authenticate-oidc"
    authenticate_oidc {
      issuer                              = "https://idp.example.com"
      authorization_endpoint              = "https://idp.example.com/authorize"
      token_endpoint                      = "https://idp.example.com/token"
      user_info_endpoint                  = "https://idp.example.com/userinfo"
      client_id                           = "shop"
      client_secret                       = "terraform knows it, and nobody else"
      scope                               = "openid email"
      session_timeout                     = 3600
      on_unauthenticated_request          = "deny"
      authentication_request_extra_params = { prompt = "login" }
    }
  }
  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.pages.arn
  }
  condition {
    path_pattern {
      values = ["/accounts/*"]
    }
  }
}
