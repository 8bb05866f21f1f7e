locals {
  # Paths, sizes and secrets of each function, which serverless.yml reads, too.
  functions = jsondecode(file("${path.module}/../functions.json"))
  packages  = "${path.module}/../../dist/scf"

  # What each function reads of the secrets, and the variables that name them:
  # assertion-key is NOD_ASSERTION_KEY.
  secrets = { for name, f in local.functions : name => concat(["db", "data-key", "index-key"], f.secrets) }
  naming = {
    for name, secrets in local.secrets : name => {
      for secret in secrets : "NOD_${upper(replace(secret, "-", "_"))}" =>
      "tencent-ssm:nod-${var.stage}-${secret}/${lookup(var.secret_versions, secret, "v1")}"
    }
  }

  # Who works with the bucket is told of it.
  bucket = "s3://cos.${var.region}.myqcloud.com/${tencentcloud_cos_bucket.nod.bucket}?region=${var.region}"
  # Without its setting verify begins twice, to set it itself (shared/runtime/notrace).
  told = merge(
    { for name in keys(local.touches) : name => { NOD_OBJECTS = local.bucket } },
    { verify = { GODEBUG = "asyncpreemptoff=1" } },
  )

  routes = flatten([for name, f in local.functions : [for path in f.paths : { path = path, function = name }]])
}

resource "tencentcloud_cos_bucket_object" "package" {
  for_each = local.functions
  bucket   = tencentcloud_cos_bucket.packages.bucket
  key      = "${each.key}-${substr(filesha256("${local.packages}/${each.key}.zip"), 0, 16)}.zip"
  source   = "${local.packages}/${each.key}.zip"

  lifecycle {
    create_before_destroy = true
  }
}

resource "tencentcloud_scf_function" "nod" {
  for_each = local.functions
  name     = "nod-${var.stage}-${each.key}"
  runtime  = "Go1"
  handler  = "main"
  mem_size = each.value.memory
  timeout  = each.value.timeout
  role     = tencentcloud_cam_role.function[each.key].name

  cos_bucket_name   = tencentcloud_cos_bucket.packages.bucket
  cos_bucket_region = var.region
  cos_object_name   = tencentcloud_cos_bucket_object.package[each.key].key

  vpc_id            = tencentcloud_vpc.nod.id
  subnet_id         = tencentcloud_subnet.functions.id
  enable_public_net = false # out through the network's gateway

  environment = merge(
    { NOD_PUBLIC_URL = "https://${var.domain}", NOD_REGION = var.region },
    local.naming[each.key],
    lookup(local.told, each.key, {}),
    lookup(var.optional, each.key, {}),
  )

  cls_logset_id = tencentcloud_cls_logset.nod.id
  cls_topic_id  = tencentcloud_cls_topic.nod.id

  # Who has paths has a Function URL, which the domain's paths lead to; who has none is
  # called by the timer.
  dynamic "triggers" {
    for_each = length(each.value.paths) > 0 ? ["url"] : []

    content {
      name = triggers.value
      type = "http"
      trigger_desc = jsonencode({
        AuthType  = "NONE" # Nod asks for a key or a token itself
        NetConfig = { EnableIntranet = false, EnableExtranet = true }
      })
    }
  }

  dynamic "triggers" {
    for_each = length(each.value.paths) > 0 ? [] : ["every-minute"]

    content {
      name         = triggers.value
      type         = "timer"
      trigger_desc = "0 * * * * * *"
    }
  }

  depends_on = [tencentcloud_cam_role_policy_attachment.function, tencentcloud_route_table_entry.out]
}

resource "tencentcloud_scf_custom_domain" "nod" {
  domain   = var.domain
  protocol = "HTTPS"

  cert_config {
    certificate_id = var.certificate_id
  }

  dynamic "endpoints_config" {
    for_each = local.routes

    content {
      namespace     = "default"
      function_name = tencentcloud_scf_function.nod[endpoints_config.value.function].name
      qualifier     = "$LATEST"
      path_match    = endpoints_config.value.path
    }
  }

  waf_config {
    waf_open = "CLOSE"
  }
}

output "cname" {
  description = "what the domain's CNAME record points to"
  value       = "${local.app_id}.${var.region}.tencentscf.com"
}

output "database" {
  description = "host and port for NOD_DB"
  value       = "${tencentcloud_postgresql_instance.nod.private_access_ip}:${tencentcloud_postgresql_instance.nod.private_access_port}"
}

output "kms_key" {
  description = "the key that secrets are put with"
  value       = tencentcloud_kms_key.nod.id
}

output "sends_from" {
  description = "the address that the face API and webhooks see"
  value       = tencentcloud_eip.out.public_ip
}
