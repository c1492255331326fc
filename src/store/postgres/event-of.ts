/**
 * The event `e` of a task: where the task tells when it was received, it is looked for in one partition alone. Tasks of
 * programs of earlier versions do not tell.
 */
export const isEventOf = (task: string): string => `e.tenant = ${task}.tenant AND e.sequence = ${task}.sequence
    AND e.received_at >= coalesce(${task}.received_at, 0)
    AND e.received_at <= coalesce(${task}.received_at, ${Number.MAX_SAFE_INTEGER})`
