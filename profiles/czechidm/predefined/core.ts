/** The processors of CzechIdM's core module. `read.ts` tells how a line is read. */
export const CORE = `
-100 | core-entity-generate-values-processor | Entity | CREATE | - | Fills in configured generated values on creation.
-50 | core-formable-validate-basic-fields-processor | Formable | CREATE,UPDATE | later | Checks the basic fields of the entity against its form projection before the save.
50 | core-formable-save-processor | Formable | CREATE,UPDATE | - | Stores the extended attributes that came with the entity, right after the entity itself.
-10 | request-policy-delete-processor | AuthorizationPolicy | DELETE | - | Removes open change requests that refer to the authorisation policy before it is deleted.
0 | authorization-policy-delete-processor | AuthorizationPolicy | DELETE | - | Deletes the authorisation policy and what depends on it.
0 | authorization-policy-save-processor | AuthorizationPolicy | CREATE,UPDATE | - | Stores the new or changed authorisation policy.
10 | core-authorization-policy-evict-cache-processor | AuthorizationPolicy | CREATE,UPDATE,DELETE | later | Drops cached data that depends on the authorisation policy.
5000 | authorization-policy-delete-permissions-change-processor | AuthorizationPolicy | UPDATE,DELETE | - | Reacts to rights taken away from a role (ends affected sessions).
0 | automatic-role-attribute-create-processor | AutomaticRoleAttribute | CREATE | - | Stores the new or changed automatic role by attribute.
0 | automatic-role-attribute-delete-processor | AutomaticRoleAttribute | DELETE | fixed | Deletes the automatic role by attribute and what depends on it.
0 | automatic-role-attribute-rule-delete-crocessor | AutomaticRoleAttributeRule | DELETE | fixed | Deletes the rule of an automatic role and what depends on it.
0 | automatic-role-attribute-rule-save-crocessor | AutomaticRoleAttributeRule | CREATE,UPDATE | fixed | Stores the new or changed rule of an automatic role.
100 | automatic-role-attribute-rule-concept-crocessor | AutomaticRoleAttributeRule | CREATE,UPDATE,DELETE | - | Flags the automatic role as needing recomputation after its rules changed.
-1000 | automatic-role-request-approval-processor | AutomaticRoleRequest | EXECUTE | - | Starts approval of an automatic-role change.
0 | automatic-role-request-realization-processor | AutomaticRoleRequest | EXECUTE | - | Carries out an approved automatic-role change.
0 | code-list-delete-processor | CodeList | DELETE | - | Deletes the code list and what depends on it.
0 | code-list-save-processor | CodeList | CREATE,UPDATE | - | Stores the new or changed code list.
0 | code-list-item-delete-processor | CodeListItem | DELETE | - | Deletes the code list item and what depends on it.
0 | code-list-item-save-processor | CodeListItem | CREATE,UPDATE | - | Stores the new or changed code list item.
-100 | core-configuration-save-contract-state-processor | Configuration | CREATE,UPDATE | if later | Refuses an invalid contract-state setting.
0 | core-configuration-delete-processor | Configuration | DELETE | later | Deletes the configuration property and what depends on it.
0 | core-configuration-save-processor | Configuration | CREATE,UPDATE | later | Stores the new or changed configuration property.
10 | core-configuration-change-default-role-processor | Configuration | CREATE,UPDATE,DELETE | if later | Drops cached data that depends on the configuration property.
10 | core-configuration-evict-cache-processor | Configuration | CREATE,UPDATE,DELETE | later | Drops cached data that depends on the configuration property.
1000 | core-configuration-delete-logger-processor | Configuration | DELETE | later | Applies or restores a logger level held in the configuration property.
1000 | core-configuration-save-logger-processor | Configuration | CREATE,UPDATE | later | Applies or restores a logger level held in the configuration property.
10000 | core-configuration-change-stage-processor | Configuration | CREATE,UPDATE,DELETE | if later | Re-runs monitoring after the application stage changes.
0 | contract-guarantee-delete | ContractGuarantee | DELETE | fixed | Deletes the contract guarantee (manager link) and what depends on it.
0 | contract-guarantee-save | ContractGuarantee | CREATE,UPDATE | fixed | Stores the new or changed contract guarantee (manager link).
10000 | contract-guarantee-publish-change-processor | ContractGuarantee | CREATE,UPDATE | if | After everything else emits the asynchronous NOTIFY for the contract guarantee (manager link).
0 | core-contract-position-delete-processor | ContractPosition | DELETE | fixed | Deletes the additional contract position and what depends on it.
0 | core-contract-position-save-processor | ContractPosition | CREATE,UPDATE | fixed | Stores the new or changed additional contract position.
500 | core-contract-position-automatic-role-processor | ContractPosition | NOTIFY | async if | Recomputes automatic roles after the additional contract position changed.
10000 | core-contract-position-publish-change-processor | ContractPosition | CREATE,UPDATE | if | After everything else emits the asynchronous NOTIFY for the additional contract position.
0 | contract-slice-delete-processor | ContractSlice | DELETE | - | Deletes the contract time slice and what depends on it.
0 | contract-slice-save-processor | ContractSlice | CREATE,UPDATE,EAV_SAVE | if | Stores the new or changed contract time slice.
1 | contract-slice-save-recalculate-processor | ContractSlice | CREATE,UPDATE,EAV_SAVE | if | Rebuilds the contract from its valid slice.
0 | contract-slice-guarantee-delete | ContractSliceGuarantee | DELETE | fixed | Deletes the slice guarantee and what depends on it.
0 | contract-slice-guarantee-save | ContractSliceGuarantee | CREATE,UPDATE | fixed | Stores the new or changed slice guarantee.
10 | contract-slice-guarantee-recount | ContractSliceGuarantee | CREATE,UPDATE,DELETE | fixed | Copies slice guarantees to the contract.
0 | delegation-def-delete-processor | DelegationDefinition | DELETE | later | Deletes the delegation rule and what depends on it.
0 | delegation-def-save-processor | DelegationDefinition | CREATE,UPDATE | later | Stores the new or changed delegation rule.
100 | delegation-def-create-notification-processor | DelegationDefinition | CREATE | if later | Sends a message about the delegation rule.
100 | delegation-def-delete-notification-processor | DelegationDefinition | DELETE | if later | Sends a message about the delegation rule.
0 | delegation-delete-processor | Delegation | DELETE | later | Deletes the delegation and what depends on it.
0 | delegation-save-processor | Delegation | CREATE,UPDATE | later | Stores the new or changed delegation.
100 | delegation-create-notification-processor | Delegation | CREATE | if later | Sends a message about the delegation.
-1000 | entity-event-start-processor | EntityEvent | EXECUTE | if | Marks the queued event RUNNING in its own transaction before anything else happens.
0 | entity-event-delete-processor | EntityEvent | DELETE | - | Deletes the persisted event and what depends on it.
0 | entity-event-execute-processor | EntityEvent | EXECUTE | - | Rebuilds the real event from the queue row, runs it, and writes content, reached order and outcome back; a vanished owner gives NOT_EXECUTED.
0 | entity-event-save-processor | EntityEvent | CREATE,UPDATE | - | Stores the new or changed persisted event.
1000 | entity-event-end-processor | EntityEvent | EXECUTE | if | Stamps the end time and stores the outcome of the queued event.
0 | entity-state-delete-processor | EntityState | DELETE | - | Deletes the persisted state and what depends on it.
0 | entity-state-save-processor | EntityState | CREATE,UPDATE | - | Stores the new or changed persisted state.
0 | export-import-delete-processor | ExportImport | DELETE | later | Deletes the export/import batch and what depends on it.
0 | export-import-save-processor | ExportImport | CREATE,UPDATE | later | Stores the new or changed export/import batch.
-50 | core-form-attribute-validate-processor | FormAttribute | UPDATE | - | Checks the form attribute and refuses invalid input; at order 0 in 9.5.
0 | core-form-attribute-delete-processor | FormAttribute | DELETE | - | Deletes the form attribute and what depends on it.
0 | core-form-attribute-save-processor | FormAttribute | CREATE,UPDATE | - | Stores the new or changed form attribute.
10 | core-form-attribute-evict-cache-processor | FormAttribute | CREATE,UPDATE,DELETE | later | Drops cached data that depends on the form attribute.
-50 | core-form-definition-validate-processor | FormDefinition | UPDATE,DELETE | if later | Checks the form definition and refuses invalid input.
0 | core-form-definition-delete-processor | FormDefinition | DELETE | - | Deletes the form definition and what depends on it.
0 | core-form-definition-save-processor | FormDefinition | CREATE,UPDATE | - | Stores the new or changed form definition.
10 | core-form-definition-evict-cache-processor | FormDefinition | CREATE,UPDATE,DELETE | later | Drops cached data that depends on the form definition.
-50 | core-form-instance-validate-processor | FormInstance | UPDATE | if | Validates the values first.
0 | core-form-instance-save-processor | FormInstance | UPDATE | - | Stores the values and emits EAV_SAVE on the owner.
0 | core-form-projection-delete-processor | FormProjection | DELETE | later | Deletes the form projection and what depends on it.
0 | core-form-projection-save-processor | FormProjection | CREATE,UPDATE | later | Stores the new or changed form projection.
0 | identity-contract-delete-processor | IdentityContract | DELETE | - | Deletes the identity contract and what depends on it.
0 | identity-contract-save-processor | IdentityContract | CREATE,UPDATE | - | Stores the new or changed identity contract.
10 | core-identity-contract-evict-cache-processor | IdentityContract | CREATE,UPDATE,DELETE | later | Drops cached data that depends on the identity contract.
150 | core-identity-contract-add-guarantee-by-projection-processor | IdentityContract | CREATE | if later | Makes the logged user a direct manager of a contract created by a projection that allows it.
200 | identity-contract-enable-processor | IdentityContract | CREATE,UPDATE | if | HR process: reacts to a contract that became valid.
200 | identity-contract-end-processor | IdentityContract | UPDATE,DELETE | if | HR process: reacts to a contract that stopped being valid or was removed.
200 | identity-contract-exclusion-processor | IdentityContract | CREATE,UPDATE | if | HR process: reacts to a contract that became excluded.
500 | identity-contract-automatic-role-processor | IdentityContract | NOTIFY | async if | Asynchronously recomputes attribute-based automatic roles of a changed contract.
500 | identity-contract-create-by-automatic-role-processor | IdentityContract | NOTIFY | async if | Asynchronously assigns tree-based automatic roles to a new valid contract.
500 | identity-contract-update-by-automatic-role-processor | IdentityContract | NOTIFY | async if | Asynchronously recomputes tree-based automatic roles of a changed contract.
10000 | identity-contract-publish-change-processor | IdentityContract | CREATE,UPDATE,EAV_SAVE | if | After everything else emits the asynchronous NOTIFY for the identity contract.
-1100 | identity-password-validate-processor | Identity | PASSWORD | if | Checks the new password against the policies before it is changed.
-1000 | identity-create-validate-password-processor | Identity | CREATE,UPDATE | - | Checks the identity and refuses invalid input.
-20 | identity-check-basic-attribute-permission-processor | Identity | UPDATE | if later | Refuses a change of basic fields that the logged user may not edit.
-10 | identity-username-check-processor | Identity | CREATE | - | Refuses a username that is already taken.
0 | identity-delete-processor | Identity | DELETE | fixed | Deletes the identity and what depends on it.
0 | identity-password-expired-processor | Identity | PASSWORD_EXPIRED | - | Warns that the password has expired.
0 | identity-save-processor | Identity | CREATE,UPDATE | - | Stores the new or changed identity.
5 | core-identity-after-disable-processor | Identity | UPDATE | if later | Kills login tokens once the identity becomes disabled.
100 | identity-state-automatic-role-processor | Identity | UPDATE | if | Recomputes attribute-based automatic roles when the identity becomes valid.
200 | identity-password-processor | Identity | PASSWORD | - | Stores the changed password.
210 | core-identity-demo-change-processor | Identity | CREATE,UPDATE,DELETE,PASSWORD | if later | Watches the demo administrator and re-evaluates the demo-credentials warning.
500 | identity-automatic-role-processor | Identity | NOTIFY | async if | Asynchronously recomputes attribute-based automatic roles after an identity change.
1500 | identity-password-change-notification | Identity | PASSWORD | if | Tells the identity that its password was changed.
10000 | identity-publish-change-processor | Identity | CREATE,UPDATE,EAV_SAVE | if | After everything else emits the asynchronous NOTIFY for the identity.
2147483547 | identity-monitored-fields-processor | Identity | UPDATE | - | Sends a message if one of the watched fields changed; runs practically last.
0 | core-identity-projection-save-processor | IdentityProjection | CREATE,UPDATE | later | Stores the new or changed identity projection.
0 | identity-role-delete-processor | IdentityRole | DELETE | - | Deletes the assigned identity role and what depends on it.
0 | identity-role-save-processor | IdentityRole | CREATE,UPDATE | - | Stores the new or changed assigned identity role.
500 | core-identity-role-assign-subroles-processor | IdentityRole | NOTIFY | async if | Asynchronously assigns the sub-roles of the assigned roles.
10000 | identity-role-publish-change-processor | IdentityRole | CREATE,UPDATE,EAV_SAVE | if | After everything else emits the asynchronous NOTIFY for the assigned identity role.
2147483647 | identity-role-delete-authorities-processor | IdentityRole | DELETE | if | Ends sessions if the removed role took rights away; runs last.
0 | identity-role-valid-request-delete-processor | IdentityRoleValidRequest | IDENTITY_ROLE_VALID | - | Drops the validity request once it is handled.
0 | import-log-delete-processor | ImportLog | DELETE | later | Deletes the import log row and what depends on it.
0 | import-log-save-processor | ImportLog | CREATE,UPDATE | later | Stores the new or changed import log row.
0 | core-incompatible-role-delete-processor | IncompatibleRole | DELETE | - | Deletes the incompatible-role pair and what depends on it.
0 | core-incompatible-role-save-processor | IncompatibleRole | CREATE | - | Stores the new or changed incompatible-role pair.
0 | core-long-running-task-delete-processor | LongRunningTask | DELETE | later | Deletes the long running task and what depends on it.
0 | core-long-running-task-save-processor | LongRunningTask | CREATE,UPDATE | later | Stores the new or changed long running task.
0 | long-running-task-end-processor | LongRunningTask | END | - | Stores the final state of the task.
100 | long-running-task-execute-dependent-processor | LongRunningTask | END | - | Starts tasks that wait for this one.
0 | monitoring-delete-processor | Monitoring | DELETE | later | Deletes the monitoring evaluator and what depends on it.
0 | monitoring-execute-processor | Monitoring | EXECUTE | later | Runs the configured evaluator.
0 | monitoring-save-processor | Monitoring | CREATE,UPDATE | later | Stores the new or changed monitoring evaluator.
10000 | monitoring-execute-after-saved-processor | Monitoring | CREATE,UPDATE | if later | Runs an evaluator once it is saved.
0 | monitoring-result-delete-processor | MonitoringResult | DELETE | later | Deletes the monitoring result and what depends on it.
0 | monitoring-result-save-processor | MonitoringResult | CREATE,UPDATE | later | Stores the new or changed monitoring result.
10 | core-monitoring-result-evict-cache-processor | MonitoringResult | DELETE | later | Drops cached data that depends on the monitoring result.
0 | notification-template-delete-processor | NotificationTemplate | DELETE | later | Deletes the notification template and what depends on it.
0 | notification-template-save-processor | NotificationTemplate | CREATE,UPDATE | later | Stores the new or changed notification template.
-10 | identity-password-never-expires-processor | Password | CREATE,UPDATE | later | Handles the password step of the identity password record.
0 | identity-password-delete-processor | Password | DELETE | later | Deletes the identity password record and what depends on it.
0 | identity-password-save-processor | Password | CREATE,UPDATE | later | Stores the new or changed identity password record.
0 | password-policy-delete-processor | PasswordPolicy | DELETE | - | Deletes the password policy and what depends on it.
0 | password-policy-save-processor | PasswordPolicy | CREATE,UPDATE | - | Stores the new or changed password policy.
0 | core-profile-delete-processor | Profile | DELETE | - | Deletes the identity profile and what depends on it.
0 | core-profile-save-processor | Profile | CREATE,UPDATE | - | Stores the new or changed identity profile.
10000 | profile-publish-change-processor | Profile | CREATE,UPDATE | if later | After everything else emits the asynchronous NOTIFY for the identity profile.
-1000 | request-approval-processor | Request | EXECUTE | - | Starts approval of a change request.
0 | request-realization-processor | Request | EXECUTE | - | Carries out an approved change request.
0 | role-catalogue-delete-processor | RoleCatalogue | DELETE | - | Deletes the role catalogue item and what depends on it.
0 | role-catalogue-save-processor | RoleCatalogue | CREATE,UPDATE | - | Stores the new or changed role catalogue item.
10000 | role-catalogue-publish-change-processor | RoleCatalogue | CREATE,UPDATE | if | After everything else emits the asynchronous NOTIFY for the role catalogue item.
-10 | request-role-catalogue-role-delete-processor | RoleCatalogueRole | DELETE | - | Removes open change requests that refer to the catalogue-role link before it is deleted.
-10 | request-role-composition-delete-processor | RoleComposition | DELETE | - | Removes open change requests that refer to the role composition (business role link) before it is deleted.
0 | core-role-composition-after-create-processor | RoleComposition | NOTIFY | async | Asynchronously gives new sub-roles to holders of the superior role.
0 | core-role-composition-delete-processor | RoleComposition | DELETE | if | Removes the composition and (asynchronously) the sub-roles given by it.
0 | core-role-composition-save-processor | RoleComposition | CREATE | - | Stores the new or changed role composition (business role link).
10 | core-role-composition-evict-cache-processor | RoleComposition | CREATE,UPDATE,DELETE | later | Drops cached data that depends on the role composition (business role link).
10000 | core-role-composition-publish-change-processor | RoleComposition | CREATE | if | After everything else emits the asynchronous NOTIFY for the role composition (business role link).
-1000 | core-duplicate-role-prepare-processor | Role | DUPLICATE | - | Prepares the basic data of a role copy.
-100 | core-role-code-environment-processor | Role | CREATE,UPDATE | - | Composes role code from base code and environment and checks it.
-10 | request-role-delete-processor | Role | DELETE | - | Removes open change requests that refer to the role before it is deleted.
0 | core-duplicate-role-save-processor | Role | DUPLICATE | - | Part of copying: duplicate role save.
0 | role-delete-processor | Role | DELETE | - | Deletes the role and what depends on it.
0 | role-save-processor | Role | CREATE,UPDATE | - | Stores the new or changed role.
50 | core-duplicate-role-form-attribute-processor | Role | DUPLICATE | if | Part of copying: duplicate role form attribute.
60 | core-duplicate-role-authorization-policy-processor | Role | DUPLICATE | if later | Part of copying: duplicate role authorization policy.
100 | core-duplicate-role-composition-processor | Role | DUPLICATE | if | Part of copying: duplicate role composition.
200 | core-duplicate-role-automatic-by-tree-processor | Role | DUPLICATE | if | Part of copying: duplicate role automatic by tree.
300 | core-duplicate-role-automatic-by-attribute-processor | Role | DUPLICATE | if | Part of copying: duplicate role automatic by attribute.
10000 | role-publish-change-processor | Role | CREATE,UPDATE,EAV_SAVE | if | After everything else emits the asynchronous NOTIFY for the role.
0 | core-role-form-attribute-delete-processor | RoleFormAttribute | DELETE | - | Deletes the role form attribute and what depends on it.
0 | core-role-form-attribute-save-processor | RoleFormAttribute | CREATE,UPDATE | - | Stores the new or changed role form attribute.
-10 | request-role-guarantee-delete-processor | RoleGuarantee | DELETE | - | Removes open change requests that refer to the role guarantee by person before it is deleted.
0 | core-role-guarantee-delete-processor | RoleGuarantee | DELETE | - | Deletes the role guarantee by person and what depends on it.
0 | core-role-guarantee-save-processor | RoleGuarantee | CREATE,UPDATE | - | Stores the new or changed role guarantee by person.
-10 | request-role-guarantee-role-delete-processor | RoleGuaranteeRole | DELETE | - | Removes open change requests that refer to the role guarantee by role before it is deleted.
0 | role-guarantee-role-delete-processor | RoleGuaranteeRole | DELETE | - | Deletes the role guarantee by role and what depends on it.
0 | role-guarantee-role-save-processor | RoleGuaranteeRole | CREATE,UPDATE | - | Stores the new or changed role guarantee by role.
-1000 | role-request-approval-processor | RoleRequest | EXCECUTE | - | Starts (or skips) the approval of requested role changes before they are carried out.
0 | role-request-delete-processor | RoleRequest | DELETE | later | Deletes the role request and what depends on it.
0 | role-request-realization-processor | RoleRequest | NOTIFY | async | Carries out the approved role request asynchronously.
0 | role-request-save-processor | RoleRequest | CREATE,UPDATE | later | Stores the new or changed role request.
1000 | role-request-notification-processor | RoleRequest | CREATE,UPDATE | if later | Sends the message that the request was carried out on the systems.
10000 | role-request-publish-change-processor | RoleRequest | EXCECUTE | if later | Turns the execution of a role request into an asynchronous NOTIFY event with the applicant as super owner.
2147482647 | role-request-realization-finisher-processor | RoleRequest | NOTIFY | async later | Closes the role request as executed; deliberately near the very end.
0 | role-tree-node-delete-processor | RoleTreeNode | DELETE | - | Deletes the automatic role by tree and what depends on it.
0 | role-tree-node-save-processor | RoleTreeNode | CREATE | - | Stores the new or changed automatic role by tree.
0 | core-script-delete-processor | Script | DELETE | later | Deletes the script and what depends on it.
0 | core-script-save-processor | Script | CREATE,UPDATE | later | Stores the new or changed script.
10 | core-script-delete-scheduled-task-processor | Script | DELETE | later | Removes the scheduled task that belongs to the script.
0 | token-delete-processor | Token | DELETE | - | Deletes the login token and what depends on it.
0 | token-save-processor | Token | CREATE,UPDATE | - | Stores the new or changed login token.
10 | core-token-evict-cache-processor | Token | UPDATE,DELETE | later | Drops cached data that depends on the login token.
-100 | core-tree-node-before-move-automatic-role-processor | TreeNode | UPDATE | if later | Remembers the automatic roles affected before a node is moved.
0 | tree-node-delete-processor | TreeNode | DELETE | - | Deletes the tree (organisation) node and what depends on it.
0 | tree-node-save-processor | TreeNode | CREATE,UPDATE | - | Stores the new or changed tree (organisation) node.
100 | core-tree-node-move-automatic-role-processor | TreeNode | UPDATE | if later | Recomputes automatic roles after a node was moved.
10000 | tree-node-publish-change-processor | TreeNode | CREATE,UPDATE,EAV_SAVE | if | After everything else emits the asynchronous NOTIFY for the tree (organisation) node.
0 | core-tree-type-delete-processor | TreeType | DELETE | - | Deletes the tree type and what depends on it.
0 | tree-type-save-processor | TreeType | CREATE,UPDATE | - | Stores the new or changed tree type.
-10000 | core-init-long-running-task-processor | ModuleDescriptor | INIT | if later | At application start: prepares long running task.
-5200 | core-init-script-processor | ModuleDescriptor | INIT | if later | At application start: prepares script.
-5100 | core-init-notification-processor | ModuleDescriptor | INIT | if later | At application start: prepares notification.
-300 | core-init-codelist-processor | ModuleDescriptor | INIT | if later | At application start: prepares codelist.
-200 | core-init-form-definition-processor | ModuleDescriptor | INIT | if later | At application start: prepares form definition.
-100 | core-init-generator-processor | ModuleDescriptor | INIT | if later | At application start: prepares generator.
-50 | core-init-role-catalogue-processor | ModuleDescriptor | INIT | if later | At application start: prepares role catalogue.
0 | core-init-admin-role-processor | ModuleDescriptor | INIT | if later | At application start: prepares admin role.
0 | core-module-disable-processor | ModuleDescriptor | DISABLE | later | Switches a module off.
0 | core-module-enable-processor | ModuleDescriptor | ENABLE | later | Switches a module on.
10 | core-init-user-role-processor | ModuleDescriptor | INIT | if later | At application start: prepares user role.
30 | core-init-helpdesk-role-processor | ModuleDescriptor | INIT | if later | At application start: prepares helpdesk role.
40 | core-init-role-manager-role-processor | ModuleDescriptor | INIT | if later | At application start: prepares role manager role.
50 | core-init-user-manager-role-processor | ModuleDescriptor | INIT | if later | At application start: prepares user manager role.
60 | core-init-delegation-role-processor | ModuleDescriptor | INIT | if later | At application start: prepares delegation role.
100 | core-init-admin-identity-processor | ModuleDescriptor | INIT | if later | At application start: prepares admin identity.
200 | core-init-organization-processor | ModuleDescriptor | INIT | if later | At application start: prepares organization.
3000 | core-init-demo-data-processor | ModuleDescriptor | INIT | if later | At application start: prepares demo data.
4000 | core-init-test-data-processor | ModuleDescriptor | INIT | if later | At application start: prepares test data.
5000 | core-init-password-policy-processor | ModuleDescriptor | INIT | if later | At application start: prepares password policy.
10000 | core-init-scheduled-task-processor | ModuleDescriptor | INIT | if later | At application start: prepares scheduled task.
11000 | core-init-monitoring-processor | ModuleDescriptor | INIT | if later | At application start: prepares monitoring.
0 | identity-password-pre-validate-definition-processor | PasswordChange | PASSWORD_PREVALIDATION | - | Checks the password change and refuses invalid input.
`
