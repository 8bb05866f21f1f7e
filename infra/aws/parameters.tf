# What serverless.yml is told. Secrets are not among it: their values would lie in this
# state. `nod keys` makes them, and aws ssm put-parameter puts them, as docs/operate.md says.
resource "aws_ssm_parameter" "told" {
  for_each = {
    domain         = var.domain
    certificate    = var.certificate_arn
    bucket         = aws_s3_bucket.nod.id
    kms-key        = aws_kms_key.nod.arn
    subnets        = join(",", [for subnet in aws_subnet.private : subnet.id])
    security-group = aws_security_group.functions.id
  }

  name  = "/nod/${var.stage}/${each.key}"
  type  = "String"
  value = each.value
}

output "database" {
  description = "host and port for NOD_DB"
  value       = aws_db_instance.nod.endpoint
}

output "administrator" {
  description = "the secret in which RDS keeps the administrator's password"
  value       = aws_db_instance.nod.master_user_secret[0].secret_arn
}

output "kms_key" {
  description = "the key that secrets are put with"
  value       = aws_kms_key.nod.arn
}

output "sends_from" {
  description = "addresses that the face API and webhooks see"
  value       = [for address in aws_eip.out : address.public_ip]
}
