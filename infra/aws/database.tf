resource "aws_db_subnet_group" "nod" {
  name       = "nod-${var.stage}"
  subnet_ids = [for subnet in aws_subnet.private : subnet.id]
}

resource "aws_db_parameter_group" "nod" {
  name   = "nod-${var.stage}-postgres16"
  family = "postgres16"

  parameter {
    name  = "rds.force_ssl"
    value = "1"
  }

  # A statement may hold an id. Its text goes to no log, not even where it fails.
  parameter {
    name  = "log_statement"
    value = "none"
  }

  parameter {
    name  = "log_min_duration_statement"
    value = "-1"
  }

  parameter {
    name  = "log_min_error_statement"
    value = "panic"
  }

  parameter {
    name  = "log_parameter_max_length_on_error"
    value = "0"
  }
}

resource "aws_db_instance" "nod" {
  identifier     = "nod-${var.stage}"
  engine         = "postgres"
  engine_version = "16"
  instance_class = var.database_class
  db_name        = "nod"

  storage_type          = "gp3"
  allocated_storage     = var.database_gigabytes
  max_allocated_storage = 10 * var.database_gigabytes
  storage_encrypted     = true
  kms_key_id            = aws_kms_key.nod.arn

  # RDS makes the administrator's password, keeps it in Secrets Manager and changes it.
  # Neither this state nor Nod ever has it.
  username                      = "dbadmin"
  manage_master_user_password   = true
  master_user_secret_kms_key_id = aws_kms_key.nod.arn

  multi_az               = true
  publicly_accessible    = false
  db_subnet_group_name   = aws_db_subnet_group.nod.name
  vpc_security_group_ids = [aws_security_group.database.id]
  parameter_group_name   = aws_db_parameter_group.nod.name
  ca_cert_identifier     = "rds-ca-rsa2048-g1"

  backup_retention_period    = var.backup_days
  backup_window              = "18:00-19:00" # UTC: at night in China
  maintenance_window         = "sun:19:30-sun:20:30"
  auto_minor_version_upgrade = true
  copy_tags_to_snapshot      = true
  delete_automated_backups   = true
  deletion_protection        = true
  skip_final_snapshot        = false
  final_snapshot_identifier  = "nod-${var.stage}-last"

  lifecycle {
    prevent_destroy = true
  }
}
