# Functions and database are in private subnets of two zones. Only the way out leads
# through a public one: to the face API, and to the addresses of webhooks.
resource "aws_vpc" "nod" {
  cidr_block           = var.network
  enable_dns_hostnames = true
  enable_dns_support   = true
  tags                 = { Name = "nod-${var.stage}" }
}

locals {
  zones = { for i, zone in var.zones : zone => i }
}

resource "aws_subnet" "private" {
  for_each          = local.zones
  vpc_id            = aws_vpc.nod.id
  availability_zone = each.key
  cidr_block        = cidrsubnet(var.network, 4, each.value)
  tags              = { Name = "nod-${var.stage}-private-${each.key}" }
}

resource "aws_subnet" "public" {
  for_each          = local.zones
  vpc_id            = aws_vpc.nod.id
  availability_zone = each.key
  cidr_block        = cidrsubnet(var.network, 8, 240 + each.value)
  tags              = { Name = "nod-${var.stage}-public-${each.key}" }
}

resource "aws_internet_gateway" "out" {
  vpc_id = aws_vpc.nod.id
}

resource "aws_eip" "out" {
  for_each = local.zones
  domain   = "vpc"
}

# One a zone: a zone that fails takes nothing of the other with it.
resource "aws_nat_gateway" "out" {
  for_each      = local.zones
  allocation_id = aws_eip.out[each.key].id
  subnet_id     = aws_subnet.public[each.key].id
  depends_on    = [aws_internet_gateway.out]
}

resource "aws_route_table" "public" {
  vpc_id = aws_vpc.nod.id

  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.out.id
  }
}

resource "aws_route_table_association" "public" {
  for_each       = local.zones
  subnet_id      = aws_subnet.public[each.key].id
  route_table_id = aws_route_table.public.id
}

resource "aws_route_table" "private" {
  for_each = local.zones
  vpc_id   = aws_vpc.nod.id

  route {
    cidr_block     = "0.0.0.0/0"
    nat_gateway_id = aws_nat_gateway.out[each.key].id
  }
}

resource "aws_route_table_association" "private" {
  for_each       = local.zones
  subnet_id      = aws_subnet.private[each.key].id
  route_table_id = aws_route_table.private[each.key].id
}

# Objects and secrets take no way through the internet. Functions ask for nothing else of
# AWS: it is Parameter Store and S3 that ask KMS, and Lambda that writes their logs.
resource "aws_vpc_endpoint" "objects" {
  vpc_id            = aws_vpc.nod.id
  service_name      = "com.amazonaws.${var.region}.s3"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = [for table in aws_route_table.private : table.id]
}

resource "aws_vpc_endpoint" "secrets" {
  vpc_id              = aws_vpc.nod.id
  service_name        = "com.amazonaws.${var.region}.ssm"
  vpc_endpoint_type   = "Interface"
  private_dns_enabled = true
  subnet_ids          = [for subnet in aws_subnet.private : subnet.id]
  security_group_ids  = [aws_security_group.secrets.id]
}

resource "aws_security_group" "functions" {
  name        = "nod-${var.stage}-functions"
  description = "functions: nobody reaches them here"
  vpc_id      = aws_vpc.nod.id
}

resource "aws_vpc_security_group_egress_rule" "https" {
  security_group_id = aws_security_group.functions.id
  description       = "face API, webhooks, objects, secrets"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

resource "aws_vpc_security_group_egress_rule" "database" {
  security_group_id            = aws_security_group.functions.id
  description                  = "the database"
  referenced_security_group_id = aws_security_group.database.id
  ip_protocol                  = "tcp"
  from_port                    = 5432
  to_port                      = 5432
}

resource "aws_security_group" "database" {
  name        = "nod-${var.stage}-database"
  description = "the database: reached by functions, and from where it is administered"
  vpc_id      = aws_vpc.nod.id
}

resource "aws_vpc_security_group_ingress_rule" "functions" {
  security_group_id            = aws_security_group.database.id
  description                  = "functions"
  referenced_security_group_id = aws_security_group.functions.id
  ip_protocol                  = "tcp"
  from_port                    = 5432
  to_port                      = 5432
}

resource "aws_vpc_security_group_ingress_rule" "administered" {
  for_each          = toset(var.administered_from)
  security_group_id = aws_security_group.database.id
  description       = "nod migrate and psql"
  cidr_ipv4         = each.value
  ip_protocol       = "tcp"
  from_port         = 5432
  to_port           = 5432
}

resource "aws_security_group" "secrets" {
  name        = "nod-${var.stage}-secrets"
  description = "the endpoint of Parameter Store"
  vpc_id      = aws_vpc.nod.id
}

resource "aws_vpc_security_group_ingress_rule" "secrets" {
  security_group_id            = aws_security_group.secrets.id
  description                  = "functions"
  referenced_security_group_id = aws_security_group.functions.id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}
