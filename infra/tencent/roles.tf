# The role of each function: it reads the secrets that its variables name, and touches the
# objects that its work is about. Nothing else. Its log and its place in the network are the
# platform's own doing, with the platform's role (SCF_QcsRole).
locals {
  touches = {
    export = [
      { action = ["name/cos:GetObject", "name/cos:HeadObject"], resource = ["${local.objects}/exports/*"] },
      # For /readyz it lists a folder that is always empty, and sees no object's name.
      { action = ["name/cos:GetBucket"], resource = ["${local.objects}/ready/*"] },
    ]
    maintain = [
      { action = ["name/cos:GetObject", "name/cos:HeadObject", "name/cos:PutObject"], resource = ["${local.objects}/checkpoints/*"] },
      { action = ["name/cos:PutObject"], resource = ["${local.objects}/timestamps/*"] },
      {
        action = [
          "name/cos:GetObject", "name/cos:HeadObject", "name/cos:PutObject", "name/cos:DeleteObject",
          "name/cos:InitiateMultipartUpload", "name/cos:UploadPart", "name/cos:CompleteMultipartUpload", "name/cos:AbortMultipartUpload",
        ]
        resource = ["${local.objects}/exports/*"]
      },
      { action = ["name/cos:GetBucket"], resource = ["${local.objects}/*"] },
    ]
  }
}

resource "tencentcloud_cam_role" "function" {
  for_each    = local.functions
  name        = "nod-${var.stage}-${each.key}"
  description = "the function ${each.key} of nod ${var.stage}"
  document = jsonencode({
    version = "2.0"
    statement = [{
      effect    = "allow"
      action    = ["name/sts:AssumeRole"]
      principal = { service = ["scf.qcloud.com"] }
    }]
  })
}

resource "tencentcloud_cam_policy" "function" {
  for_each    = local.functions
  name        = "nod-${var.stage}-${each.key}"
  description = "what the function ${each.key} of nod ${var.stage} needs"
  document = jsonencode({
    version = "2.0"
    statement = concat(
      [{
        effect   = "allow"
        action   = ["ssm:GetSecretValue"]
        resource = [for secret in local.secrets[each.key] : "qcs::ssm:${var.region}:uin/${local.account}:secret/creatorUin/${var.secrets_made_by}/nod-${var.stage}-${secret}"]
      }],
      [for may in lookup(local.touches, each.key, []) : merge({ effect = "allow" }, may)],
    )
  })
}

resource "tencentcloud_cam_role_policy_attachment" "function" {
  for_each  = local.functions
  role_id   = tencentcloud_cam_role.function[each.key].id
  policy_id = tencentcloud_cam_policy.function[each.key].id
}
