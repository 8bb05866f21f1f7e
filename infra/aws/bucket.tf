# Bundles that were exported, and published checkpoints.
#
# It has no versions. A bundle may hold ids of people, and what Nod deletes after seven days
# has to be gone, not hidden beneath a marker; and an object lock that a bucket sets by
# itself would hold bundles, too. Checkpoints need none: each has a name of its own, no
# function may delete one, and here nobody may. What could still be done with the rights of
# maintain is to write over one; whoever holds it in their hands, or a timestamp, finds that.
resource "aws_s3_bucket" "nod" {
  bucket = "nod-${var.stage}-${data.aws_caller_identity.current.account_id}"

  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_s3_bucket_ownership_controls" "nod" {
  bucket = aws_s3_bucket.nod.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_public_access_block" "nod" {
  bucket                  = aws_s3_bucket.nod.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_server_side_encryption_configuration" "nod" {
  bucket = aws_s3_bucket.nod.id

  rule {
    bucket_key_enabled = true

    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.nod.arn
    }
  }
}

# Nod deletes bundles itself. This is for the day on which it does not.
resource "aws_s3_bucket_lifecycle_configuration" "nod" {
  bucket = aws_s3_bucket.nod.id

  rule {
    id     = "bundles"
    status = "Enabled"

    filter {
      prefix = "exports/"
    }

    expiration {
      days = 8
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
  }
}

resource "aws_s3_bucket_policy" "nod" {
  bucket = aws_s3_bucket.nod.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "OnlyByTLS"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:*"
        Resource  = [aws_s3_bucket.nod.arn, "${aws_s3_bucket.nod.arn}/*"]
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
      {
        Sid       = "CheckpointsStay"
        Effect    = "Deny"
        Principal = "*"
        Action    = ["s3:DeleteObject", "s3:DeleteObjectVersion"]
        Resource  = ["${aws_s3_bucket.nod.arn}/checkpoints/*", "${aws_s3_bucket.nod.arn}/timestamps/*"]
      },
    ]
  })

  depends_on = [aws_s3_bucket_public_access_block.nod]
}
