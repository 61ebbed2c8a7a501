/** What OpenDAL's clients ask a storage for; they need every key. True is what Jumpstarter's own says, if we do it. */
const able = ["stat", "read", "write", "write_can_multi", "write_can_empty", "create_dir", "delete", "copy", "rename"];
const alsoAble = ["list", "shared", "blocking"];

const unable = [
  "stat_with_if_match",
  "stat_with_if_none_match",
  "read_with_if_match",
  "read_with_if_none_match",
  "read_with_override_cache_control",
  "read_with_override_content_disposition",
  "read_with_override_content_type",
  "write_can_append",
  "write_with_content_type",
  "write_with_content_disposition",
  "write_with_cache_control",
  "list_with_limit",
  "list_with_start_after",
  "list_with_recursive",
  "presign",
  "presign_read",
  "presign_stat",
  "presign_write",
];

const unlimited = ["write_multi_max_size", "write_multi_min_size", "write_total_max_size"];

export const capability: Readonly<Record<string, boolean | null>> = Object.fromEntries([
  ...[...able, ...alsoAble].map((name) => [name, true]),
  ...unable.map((name) => [name, false]),
  ...unlimited.map((name) => [name, null]),
]);
