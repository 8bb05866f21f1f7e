# The functions' log: a line of JSON for each call, which names no person.
resource "tencentcloud_cls_logset" "nod" {
  logset_name = "nod-${var.stage}"
}

resource "tencentcloud_cls_topic" "nod" {
  logset_id            = tencentcloud_cls_logset.nod.id
  topic_name           = "nod-${var.stage}"
  describes            = "functions of nod ${var.stage}"
  storage_type         = "hot"
  period               = 180
  partition_count      = 1
  auto_split           = true
  max_split_partitions = 20
}

# SCF keeps a function's line in the field SCF_Message, and its name and duration beside it.
resource "tencentcloud_cls_index" "nod" {
  topic_id = tencentcloud_cls_topic.nod.id

  rule {
    full_text {
      case_sensitive = false
      tokenizer      = "@&?|#()='\",;:<>[]{}/ \n\t\r\\"
      contain_z_h    = true
    }

    dynamic_index {
      status = true
    }
  }

  status                  = true
  include_internal_fields = true
  metadata_flag           = 1
}
