# Functions and database have private addresses alone. The way out leads through a gateway:
# to the face API, and to the addresses of webhooks.
resource "tencentcloud_vpc" "nod" {
  name       = "nod-${var.stage}"
  cidr_block = var.network
}

resource "tencentcloud_route_table" "nod" {
  name   = "nod-${var.stage}"
  vpc_id = tencentcloud_vpc.nod.id
}

# A function's network is one subnet of a zone; it is large, since many run at once.
resource "tencentcloud_subnet" "functions" {
  name              = "nod-${var.stage}-functions"
  vpc_id            = tencentcloud_vpc.nod.id
  availability_zone = var.zones[0]
  cidr_block        = cidrsubnet(var.network, 2, 0)
  route_table_id    = tencentcloud_route_table.nod.id
}

resource "tencentcloud_subnet" "database" {
  name              = "nod-${var.stage}-database"
  vpc_id            = tencentcloud_vpc.nod.id
  availability_zone = var.zones[0]
  cidr_block        = cidrsubnet(var.network, 8, 128)
  route_table_id    = tencentcloud_route_table.nod.id
}

resource "tencentcloud_eip" "out" {
  name = "nod-${var.stage}"
}

resource "tencentcloud_nat_gateway" "out" {
  name             = "nod-${var.stage}"
  vpc_id           = tencentcloud_vpc.nod.id
  bandwidth        = 100
  max_concurrent   = 1000000
  assigned_eip_set = [tencentcloud_eip.out.public_ip]
}

resource "tencentcloud_route_table_entry" "out" {
  route_table_id         = tencentcloud_route_table.nod.id
  destination_cidr_block = "0.0.0.0/0"
  next_type              = "NAT"
  next_hub               = tencentcloud_nat_gateway.out.id
}

resource "tencentcloud_security_group" "database" {
  name        = "nod-${var.stage}-database"
  description = "the database: reached by functions, and from where it is administered"
}

resource "tencentcloud_security_group_rule_set" "database" {
  security_group_id = tencentcloud_security_group.database.id

  ingress {
    action      = "ACCEPT"
    cidr_block  = tencentcloud_subnet.functions.cidr_block
    protocol    = "TCP"
    port        = "5432"
    description = "functions"
  }

  dynamic "ingress" {
    for_each = var.administered_from

    content {
      action      = "ACCEPT"
      cidr_block  = ingress.value
      protocol    = "TCP"
      port        = "5432"
      description = "nod migrate and psql"
    }
  }

  ingress {
    action      = "DROP"
    cidr_block  = "0.0.0.0/0"
    protocol    = "ALL"
    port        = "ALL"
    description = "everybody else"
  }
}
