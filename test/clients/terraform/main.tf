# What a small shop might declare. The variables come from the environment (TF_VAR_…).
terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

variable "endpoint" {
  type = string
}

provider "aws" {
  region                  = "us-east-1"
  s3_use_path_style       = true
  skip_metadata_api_check = true
  skip_region_validation  = true
  endpoints {
    iam        = var.endpoint
    sts        = var.endpoint
    s3         = var.endpoint
    s3control  = var.endpoint
    cloudtrail = var.endpoint
    kms        = var.endpoint
    ec2        = var.endpoint
    elbv2      = var.endpoint
    acm        = var.endpoint
    cloudfront = var.endpoint
    wafv2      = var.endpoint
    route53    = var.endpoint
    cloudwatch = var.endpoint
    logs       = var.endpoint
    shield     = var.endpoint
  }
}

data "aws_caller_identity" "me" {}

data "aws_iam_policy_document" "menus" {
  statement {
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.shop.arn}/menus/*"]
  }
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "AWS"
      identifiers = [aws_iam_user.rudy.arn]
    }
  }
}

data "aws_iam_policy_document" "trail" {
  statement {
    actions   = ["s3:GetBucketAcl"]
    resources = [aws_s3_bucket.shop.arn]
    principals {
      type        = "Service"
      identifiers = ["cloudtrail.amazonaws.com"]
    }
  }
  statement {
    actions   = ["s3:PutObject"]
    resources = ["${aws_s3_bucket.shop.arn}/AWSLogs/${data.aws_caller_identity.me.account_id}/*"]
    principals {
      type        = "Service"
      identifiers = ["cloudtrail.amazonaws.com"]
    }
  }
}

resource "aws_iam_user" "rudy" {
  name = "rudy"
  path = "/staff/"
  tags = { team = "till" }
}

resource "aws_iam_access_key" "rudy" {
  user = aws_iam_user.rudy.name
}

resource "aws_iam_group" "cashiers" {
  name = "Cashiers"
}

resource "aws_iam_user_group_membership" "rudy" {
  user   = aws_iam_user.rudy.name
  groups = [aws_iam_group.cashiers.name]
}

resource "aws_iam_policy" "menus" {
  name   = "ReadMenus"
  policy = data.aws_iam_policy_document.menus.json
}

resource "aws_iam_group_policy_attachment" "menus" {
  group      = aws_iam_group.cashiers.name
  policy_arn = aws_iam_policy.menus.arn
}

resource "aws_iam_user_policy" "look" {
  user   = aws_iam_user.rudy.name
  name   = "Look"
  policy = data.aws_iam_policy_document.menus.json
}

resource "aws_iam_role" "auditor" {
  name                 = "auditor"
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  max_session_duration = 7200
  permissions_boundary = aws_iam_policy.menus.arn
}

resource "aws_iam_role_policy_attachment" "audit" {
  role       = aws_iam_role.auditor.name
  policy_arn = "arn:aws:iam::aws:policy/SecurityAudit"
}

resource "aws_iam_account_password_policy" "strict" {
  minimum_password_length = 14
  require_symbols         = true
}

resource "aws_s3_bucket" "shop" {
  bucket        = "coffee-shop"
  force_destroy = true
  tags          = { shop = "one" }
}

resource "aws_s3_bucket_versioning" "shop" {
  bucket = aws_s3_bucket.shop.id
  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_public_access_block" "shop" {
  bucket                  = aws_s3_bucket.shop.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_policy" "shop" {
  bucket = aws_s3_bucket.shop.id
  policy = data.aws_iam_policy_document.trail.json
}

resource "aws_s3_object" "menu" {
  bucket  = aws_s3_bucket.shop.id
  key     = "menus/today.txt"
  content = "espresso 2.20"
  tags    = { kind = "menu" }
}

resource "aws_cloudtrail" "audit" {
  name                       = "audit"
  s3_bucket_name             = aws_s3_bucket_policy.shop.bucket
  enable_log_file_validation = true
}

resource "aws_kms_key" "till" {
  description             = "what the till encrypts with"
  deletion_window_in_days = 7
  enable_key_rotation     = true
  rotation_period_in_days = 180
  tags                    = { shop = "one" }
}

resource "aws_kms_alias" "till" {
  name          = "alias/till"
  target_key_id = aws_kms_key.till.key_id
}

resource "aws_kms_key" "receipts" {
  description              = "signs receipts"
  customer_master_key_spec = "ECC_NIST_P256"
  key_usage                = "SIGN_VERIFY"
  deletion_window_in_days  = 7
}

resource "aws_kms_grant" "till" {
  name              = "barista"
  key_id            = aws_kms_key.till.key_id
  grantee_principal = aws_iam_role.auditor.arn
  operations        = ["Decrypt", "GenerateDataKey"]
  constraints {
    encryption_context_equals = { shop = "one" }
  }
}

resource "aws_kms_ciphertext" "secret" {
  key_id    = aws_kms_key.till.key_id
  plaintext = "espresso"
}
