/**
 * Who waits behind the head of a group, as its index has it.
 */

/** `tenant`, `subscription` and `key` are those of the group. */
export const IS_BEHIND = `(tenant || '') = ?1 AND (subscription || '') = ?2 AND left(group_key, 200) = left(?3, 200) AND group_key = ?3
  AND state = 'waiting' AND wake_at IS NULL AND blocked_by IS NULL`
/** The same for a task `t`, in one of the groups that the rows of `v` name. */
export const IS_BEHIND_ANY = `(t.tenant || '') = v.tenant AND (t.subscription || '') = v.subscription
  AND left(t.group_key, 200) = left(v.key, 200) AND t.group_key = v.key
  AND t.state = 'waiting' AND t.wake_at IS NULL AND t.blocked_by IS NULL`
