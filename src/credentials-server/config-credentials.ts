/** Settings of the default profile that SDKs take credentials from, before they ask an endpoint. */
const setting =
  /^(aws_access_key_id|credential_process|credential_source|login_session|role_arn|source_profile|sso_\w+|web_identity_token_file)[ \t]*=/i;

/**
 * Whether SDKs would take credentials from the default profile of an AWS config file.
 * https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html
 */
export function hasDefaultCredentials(config: string): boolean {
  let isDefault = false;
  for (const line of config.split(/\r?\n/)) {
    const [, header] = /^[ \t]*\[([^\]]*)\]/.exec(line) ?? [];
    if (header !== undefined) isDefault = /^(profile\s+)?["']?default["']?$/.test(header.trim());
    else if (isDefault && setting.test(line.trim())) return true;
  }
  return false;
}
