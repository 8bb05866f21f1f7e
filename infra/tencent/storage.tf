# One key for what lies still: the database's disk, the bucket and the secrets.
resource "tencentcloud_kms_key" "nod" {
  alias                         = "nod-${var.stage}"
  description                   = "database, bucket and secrets of nod ${var.stage}"
  key_rotation_enabled          = true
  is_enabled                    = true
  pending_delete_window_in_days = 30

  lifecycle {
    prevent_destroy = true
  }
}

resource "tencentcloud_postgresql_instance" "nod" {
  name              = "nod-${var.stage}"
  availability_zone = var.zones[0]
  charge_type       = "POSTPAID_BY_HOUR"
  db_major_version  = "16"
  charset           = "UTF8"
  cpu               = var.database.cpu
  memory            = var.database.memory
  storage           = var.database.storage

  vpc_id               = tencentcloud_vpc.nod.id
  subnet_id            = tencentcloud_subnet.database.id
  security_groups      = [tencentcloud_security_group.database.id]
  public_access_switch = false

  need_support_tde = 1
  kms_key_id       = tencentcloud_kms_key.nod.id
  kms_region       = var.region

  root_user         = "dbadmin"
  root_password     = var.database_first_password
  delete_protection = true

  db_node_set {
    role = "Primary"
    zone = var.zones[0]
  }

  db_node_set {
    zone = var.zones[1]
  }

  backup_plan {
    min_backup_start_time        = "02:00:00"
    max_backup_start_time        = "03:00:00"
    base_backup_retention_period = var.backup_days
    backup_period                = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
  }

  lifecycle {
    prevent_destroy = true
    ignore_changes  = [root_password] # changed since, and not known here
  }
}

resource "tencentcloud_postgresql_instance_ssl_config" "nod" {
  db_instance_id  = tencentcloud_postgresql_instance.nod.id
  ssl_enabled     = true
  connect_address = tencentcloud_postgresql_instance.nod.private_access_ip
}

locals {
  app_id  = data.tencentcloud_user_info.account.app_id
  account = data.tencentcloud_user_info.account.owner_uin
  objects = "qcs::cos:${var.region}:uid/${local.app_id}:${tencentcloud_cos_bucket.nod.bucket}"
}

# Bundles that were exported, and published checkpoints.
#
# It has no versions. A bundle may hold ids of people, and what Nod deletes after seven days
# has to be gone, not hidden beneath a marker; and an object lock that a bucket sets by
# itself would hold bundles, too. Checkpoints need none: each has a name of its own, no
# function may delete one, and here nobody may, so that a log cannot be made to forget what
# it published.
resource "tencentcloud_cos_bucket" "nod" {
  bucket               = "nod-${var.stage}-${local.app_id}"
  acl                  = "private"
  encryption_algorithm = "KMS"
  kms_id               = tencentcloud_kms_key.nod.id

  # Nod deletes bundles itself. This is for the day on which it does not.
  lifecycle_rules {
    id            = "bundles"
    filter_prefix = "exports/"

    expiration {
      days = 8
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
  }

  lifecycle {
    prevent_destroy = true
  }
}

resource "tencentcloud_cos_bucket_policy" "nod" {
  bucket = tencentcloud_cos_bucket.nod.id
  policy = jsonencode({
    version = "2.0"
    Statement = [{
      Effect    = "deny"
      Principal = { qcs = ["qcs::cam::anyone:anyone"] }
      Action    = ["name/cos:DeleteObject", "name/cos:DeleteMultipleObjects"]
      Resource  = ["${local.objects}/checkpoints/*", "${local.objects}/timestamps/*"]
    }]
  })
}

# The functions' packages, each named after what is in it: another package is another name,
# which is how a function comes to know of it. Going back is building the release before.
resource "tencentcloud_cos_bucket" "packages" {
  bucket               = "nod-${var.stage}-packages-${local.app_id}"
  acl                  = "private"
  encryption_algorithm = "AES256"
}
