# Nod on Tencent Cloud, in mainland China, whole: seven functions under one domain, the
# network, the database, the bucket, the key, the logs. docs/operate.md has the order of
# steps.
terraform {
  required_version = ">= 1.9, < 2.0"

  required_providers {
    tencentcloud = {
      source  = "tencentcloudstack/tencentcloud"
      version = "1.82.49"
    }
  }

  # Where the state lies is said when this is begun: terraform init -backend-config=...
  # No secret that is in use is in it.
  backend "cos" {}
}

provider "tencentcloud" {
  region = var.region
}

data "tencentcloud_user_info" "account" {}
