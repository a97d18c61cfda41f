terraform {
  backend "s3" {
    bucket         = "state"
    key            = "long-job"
    region         = "eu-central-1"
    use_path_style = true
    use_lockfile   = true
  }
}

variable "steps" {
  type = number
}

# Terraform saves the state every 20 seconds, if a resource is ready
resource "terraform_data" "step" {
  count = var.steps

  provisioner "local-exec" {
    command = "sleep 10"
  }
}
