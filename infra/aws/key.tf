# One key for what lies still: the database's disk and backups, the bucket, the secrets.
# AWS makes a new one beneath it each year and keeps the old ones to decrypt with.
resource "aws_kms_key" "nod" {
  description             = "nod ${var.stage}"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "TheAccountsOwnPoliciesDecide"
      Effect    = "Allow"
      Principal = { AWS = "arn:aws-cn:iam::${data.aws_caller_identity.current.account_id}:root" }
      Action    = "kms:*"
      Resource  = "*"
    }]
  })

  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_kms_alias" "nod" {
  name          = "alias/nod-${var.stage}"
  target_key_id = aws_kms_key.nod.key_id
}
