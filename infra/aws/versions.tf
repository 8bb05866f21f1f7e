# What serverless.yml expects to be there: the network, the database, the bucket and the
# key, and the parameters that tell it of them. docs/operate.md has the order of steps.
terraform {
  required_version = ">= 1.9, < 2.0"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.100.0"
    }
  }

  # Where the state lies is said when this is begun: terraform init -backend-config=...
  # No secret is in it.
  backend "s3" {}
}

provider "aws" {
  region = var.region

  default_tags {
    tags = { project = "nod", stage = var.stage }
  }
}

data "aws_caller_identity" "current" {}
