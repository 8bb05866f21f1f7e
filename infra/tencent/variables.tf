variable "region" {
  description = "region of Tencent Cloud in mainland China; what is kept about people does not leave it"
  type        = string
  default     = "ap-guangzhou"

  validation {
    condition     = contains(["ap-guangzhou", "ap-shanghai", "ap-nanjing", "ap-beijing", "ap-chengdu", "ap-chongqing"], var.region)
    error_message = "must be a region in mainland China"
  }
}

variable "stage" {
  description = "name of the deployment"
  type        = string
  default     = "prod"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,15}$", var.stage))
    error_message = "must be a short word of lower-case letters, digits and hyphens"
  }
}

variable "domain" {
  description = "the host of NOD_PUBLIC_URL, with an ICP filing at Tencent Cloud"
  type        = string
}

variable "certificate_id" {
  description = "certificate of the domain, in Tencent Cloud's SSL certificates"
  type        = string
}

variable "zones" {
  description = "two availability zones of the region: where the database works, and where its standby does"
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

variable "database" {
  description = "size of the database: processors, memory and disk in GB"
  type        = object({ cpu = number, memory = number, storage = number })
  default     = { cpu = 2, memory = 8, storage = 100 }
}

variable "database_first_password" {
  description = "the administrator's, to make the database with; it is in the state, so it is changed at once"
  type        = string
  sensitive   = true
}

variable "backup_days" {
  description = "how long backups are kept; what was deleted is in them until then (docs/retention.md)"
  type        = number
  default     = 35

  validation {
    condition     = var.backup_days >= 7 && var.backup_days <= 35
    error_message = "must be 7 to 35 days"
  }
}

variable "secrets_made_by" {
  description = "UIN of the account that puts the secrets; a secret's name is told from others' by it"
  type        = string
}

variable "secret_versions" {
  description = "versions of secrets that were rotated, such as { assertion-key = \"v2\" }; all others are v1"
  type        = map(string)
  default     = {}
}

variable "optional" {
  description = "variables that Nod does without, by function: { verify = { NOD_FACEID_RULE = \"...\" } }; secrets only as docs/operate.md says"
  type        = map(map(string))
  default     = {}
}
