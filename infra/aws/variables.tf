variable "region" {
  description = "region of AWS in mainland China; what is kept about people does not leave it"
  type        = string
  default     = "cn-north-1"

  validation {
    condition     = contains(["cn-north-1", "cn-northwest-1"], var.region)
    error_message = "must be cn-north-1 (Beijing) or cn-northwest-1 (Ningxia)"
  }
}

variable "stage" {
  description = "name of the deployment, as in osls deploy --stage"
  type        = string
  default     = "prod"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,15}$", var.stage))
    error_message = "must be a short word of lower-case letters, digits and hyphens"
  }
}

variable "domain" {
  description = "the host of NOD_PUBLIC_URL, with an ICP filing"
  type        = string
}

variable "certificate_arn" {
  description = "certificate of the domain, in ACM of the same region"
  type        = string

  validation {
    condition     = startswith(var.certificate_arn, "arn:aws-cn:acm:")
    error_message = "must be a certificate of ACM in mainland China"
  }
}

variable "zones" {
  description = "two availability zones of the region"
  type        = list(string)

  validation {
    condition     = length(distinct(var.zones)) == 2
    error_message = "must be two zones"
  }
}

variable "network" {
  description = "addresses of the network"
  type        = string
  default     = "10.40.0.0/16"
}

variable "administered_from" {
  description = "private addresses from which nod migrate and psql reach the database"
  type        = list(string)
  default     = []
}

variable "database_class" {
  description = "size of the database"
  type        = string
  default     = "db.m6g.large"
}

variable "database_gigabytes" {
  description = "its disk, to begin with; it grows to ten times that"
  type        = number
  default     = 100
}

variable "backup_days" {
  description = "how long backups are kept; what was deleted is in them until then (docs/retention.md)"
  type        = number
  default     = 35

  validation {
    condition     = var.backup_days >= 1 && var.backup_days <= 35
    error_message = "must be 1 to 35 days"
  }
}
