/** The processors of CzechIdM's small modules. `read.ts` tells how a line is read. */

/** Virtual systems. */
export const VS = `
-1 | identity-delete-processor | Identity | DELETE | fixed | Cleans up the references of module vs before the identity is deleted.
-1 | role-delete-processor | Role | DELETE | fixed | Cleans up the references of module vs before the role is deleted.
2000 | vs-role-request-check-system-state-processor | RoleRequest | REFRESH_SYSTEM_STATE | if later | Derives the system-side state of a role request from its provisioning operations.
20 | vs-init-implementer-role-processor | ModuleDescriptor | INIT | if later | At application start: prepares implementer role.
11020 | vs-init-monitoring-processor | ModuleDescriptor | INIT | if later | At application start: prepares monitoring.
-1 | system-delete-processor | SysSystem | DELETE | fixed if | Cleans up the references of module vs before the target system is deleted.
10 | system-save-processor | SysSystem | CREATE,UPDATE,EAV_SAVE | if | Brings the virtual-system configuration up to date after the system is stored.
100 | vs-duplicate-system-processor | SysSystem | DUPLICATE | if later | Part of copying: duplicate system.
100 | vs-system-export-processor | SysSystem | EXPORT | if later | Exports the target system.
0 | vs-request-realization-processor | VsRequest | EXCECUTE | - | Carries out the virtual-system request.
`

/** Reports. */
export const RPT = `
0 | rpt-long-running-task-delete-processor | LongRunningTask | DELETE | later | Unlinks reports from a deleted task.
-1000 | report-generate-processor | RptReport | GENERATE | - | Starts the report as a background task.
0 | report-generate-end-processor | RptReport | GENERATE | - | Stores metadata of the finished report.
900 | report-generate-end-render-processor | RptReport | GENERATE | later | Renders the finished report.
1000 | report-generate-end-send-notification-processor | RptReport | GENERATE | - | Tells the author that the report is ready.
`

/** The connector framework. */
export const IC = `
-5000 | ic-init-data-processor | ModuleDescriptor | INIT | if later | At application start: prepares data.
`
