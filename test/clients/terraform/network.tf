# A network of the shop's own: two zones, a way out, groups that name each other, a list of addresses, an access list.
resource "aws_vpc" "shop" {
  cidr_block           = "10.40.0.0/16"
  enable_dns_hostnames = true
  tags                 = { Name = "shop" }
}

resource "aws_internet_gateway" "shop" {
  vpc_id = aws_vpc.shop.id
  tags   = { Name = "shop" }
}

resource "aws_subnet" "shop" {
  for_each                = { us-east-1a = "10.40.1.0/24", us-east-1b = "10.40.2.0/24" }
  vpc_id                  = aws_vpc.shop.id
  availability_zone       = each.key
  cidr_block              = each.value
  map_public_ip_on_launch = true
  tags                    = { Name = "shop-${each.key}" }
}

resource "aws_route_table" "shop" {
  vpc_id = aws_vpc.shop.id
  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.shop.id
  }
  tags = { Name = "shop" }
}

resource "aws_route_table_association" "shop" {
  for_each       = aws_subnet.shop
  subnet_id      = each.value.id
  route_table_id = aws_route_table.shop.id
}

resource "aws_route_table" "back" {
  vpc_id = aws_vpc.shop.id
}

resource "aws_route" "back" {
  route_table_id         = aws_route_table.back.id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.shop.id
}

resource "aws_default_security_group" "shop" {
  vpc_id = aws_vpc.shop.id
}

resource "aws_ec2_managed_prefix_list" "offices" {
  name           = "offices"
  address_family = "IPv4"
  max_entries    = 5
  entry {
    cidr        = "203.0.113.0/24"
    description = "head office"
  }
  tags = { team = "bar" }
}

resource "aws_security_group" "front" {
  name        = "front"
  description = "Who may come in"
  vpc_id      = aws_vpc.shop.id
  ingress {
    description = "customers"
    protocol    = "tcp"
    from_port   = 443
    to_port     = 443
    cidr_blocks = ["0.0.0.0/0"]
  }
  ingress {
    description     = "offices"
    protocol        = "tcp"
    from_port       = 22
    to_port         = 22
    prefix_list_ids = [aws_ec2_managed_prefix_list.offices.id]
  }
  ingress {
    protocol         = "icmpv6"
    from_port        = -1
    to_port          = -1
    ipv6_cidr_blocks = ["2001:db8::/32"]
  }
  ingress {
    protocol  = "tcp"
    from_port = 7946
    to_port   = 7946
    self      = true
  }
  egress {
    protocol    = "-1"
    from_port   = 0
    to_port     = 0
    cidr_blocks = ["0.0.0.0/0"]
  }
  tags = { Name = "front" }
}

resource "aws_security_group" "back" {
  name   = "back"
  vpc_id = aws_vpc.shop.id
}

resource "aws_security_group_rule" "back" {
  type                     = "ingress"
  security_group_id        = aws_security_group.back.id
  source_security_group_id = aws_security_group.front.id
  protocol                 = "tcp"
  from_port                = 8080
  to_port                  = 8090
  description              = "from the front"
}

resource "aws_vpc_security_group_ingress_rule" "answers" {
  security_group_id            = aws_security_group.back.id
  referenced_security_group_id = aws_security_group.back.id
  ip_protocol                  = "udp"
  from_port                    = 53
  to_port                      = 53
  tags                         = { Name = "answers" }
}

resource "aws_vpc_security_group_egress_rule" "back" {
  security_group_id = aws_security_group.back.id
  cidr_ipv4         = "10.40.0.0/16"
  ip_protocol       = "-1"
}

resource "aws_network_acl" "shop" {
  vpc_id     = aws_vpc.shop.id
  subnet_ids = [for one in aws_subnet.shop : one.id]
  ingress {
    rule_no    = 90
    action     = "deny"
    protocol   = "-1"
    from_port  = 0
    to_port    = 0
    cidr_block = "198.51.100.0/24"
  }
  ingress {
    rule_no    = 100
    action     = "allow"
    protocol   = "tcp"
    from_port  = 1
    to_port    = 65535
    cidr_block = "0.0.0.0/0"
  }
  egress {
    rule_no    = 100
    action     = "allow"
    protocol   = "-1"
    from_port  = 0
    to_port    = 0
    cidr_block = "0.0.0.0/0"
  }
  tags = { Name = "shop" }
}

resource "aws_network_acl" "spare" {
  vpc_id = aws_vpc.shop.id
}

resource "aws_network_acl_rule" "spare" {
  network_acl_id  = aws_network_acl.spare.id
  rule_number     = 200
  protocol        = "icmp"
  icmp_type       = 8
  icmp_code       = 0
  rule_action     = "allow"
  ipv6_cidr_block = "2001:db8::/32"
}

resource "aws_network_interface" "till" {
  subnet_id       = aws_subnet.shop["us-east-1a"].id
  private_ips     = ["10.40.1.10"]
  security_groups = [aws_security_group.back.id]
  tags            = { Name = "till" }
}

resource "aws_vpc_endpoint" "s3" {
  vpc_id            = aws_vpc.shop.id
  service_name      = "com.amazonaws.us-east-1.s3"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = [aws_route_table.back.id]
}

resource "aws_cloudwatch_log_group" "flows" {
  name              = "/shop/flows"
  retention_in_days = 30
  tags              = { team = "bar" }
}

data "aws_iam_policy_document" "flows_trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["vpc-flow-logs.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "flows" {
  statement {
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogGroups", "logs:DescribeLogStreams"]
    resources = ["*"]
  }
}

resource "aws_iam_role" "flows" {
  name               = "flows"
  assume_role_policy = data.aws_iam_policy_document.flows_trust.json
}

resource "aws_iam_role_policy" "flows" {
  role   = aws_iam_role.flows.name
  name   = "write"
  policy = data.aws_iam_policy_document.flows.json
}

resource "aws_flow_log" "shop" {
  vpc_id                   = aws_vpc.shop.id
  traffic_type             = "REJECT"
  iam_role_arn             = aws_iam_role.flows.arn
  log_destination          = aws_cloudwatch_log_group.flows.arn
  max_aggregation_interval = 60
}

data "aws_availability_zones" "here" {
  state = "available"
}

data "aws_security_group" "front" {
  id = aws_security_group.front.id
}
