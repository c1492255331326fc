/** The processors of CzechIdM's account management (module acc). `read.ts` tells how a line is read. */
export const ACC = `
-1000 | identity-role-delete-account-processor | RoleAssignment | DELETE | fixed | Removes the account link before the role assignment is removed.
1000 | account-role-delete-provisioning-processor | RoleAssignment | DELETE | if later | Pushes the change of the role assignment to managed systems (account management).
1000 | identity-role-delete-provisioning-processor | RoleAssignment | DELETE | if | Pushes the change of the role assignment to managed systems (account management).
1000 | identity-role-save-provisioning-processor | RoleAssignment | NOTIFY | async if | Pushes the change of the role assignment to managed systems (account management).
0 | acc-sync-config-delete-processor | SyncConfig | DELETE | fixed later | Deletes the synchronisation configuration and what depends on it.
0 | acc-sync-config-save-processor | SyncConfig | CREATE,UPDATE | later | Stores the new or changed synchronisation configuration.
10 | acc-sync-config-delete-scheduled-task-processor | SyncConfig | DELETE | later | Removes the scheduled task that belongs to the synchronisation configuration.
100 | acc-sync-config-monitoring-auto-configuration-processor | SyncConfig | CREATE,UPDATE,DELETE | later | Keeps monitoring set up in step with the synchronisation configuration.
-5000 | acc-disabled-provisioning-system-processor | AccAccount | START | later | Stops provisioning at once if it is switched off for the system.
-2000 | account-password-validate-processor | AccAccount | PASSWORD | if later | Checks the account and refuses invalid input.
0 | account-delete-processor | AccAccount | DELETE | fixed | Deletes the account and what depends on it.
0 | account-save-processor | AccAccount | CREATE,UPDATE | fixed | Stores the new or changed account.
0 | provisioning-start-processor | AccAccount | START | - | Starts provisioning for one account.
200 | account-password-processor | AccAccount | PASSWORD | later | Handles the password step of the account.
0 | acc-account-role-assignment-delete-processor | AccAccountRoleAssignment | DELETE | later | Deletes the account role assignment and what depends on it.
0 | account-role-assignment-save-processor | AccAccountRoleAssignment | CREATE,UPDATE | later | Stores the new or changed account role assignment.
0 | contract-slice-account-delete-processor | AccContractSliceAccount | DELETE | fixed | Deletes the slice-account link and what depends on it.
0 | contract-slice-account-save-processor | AccContractSliceAccount | CREATE,UPDATE | fixed | Stores the new or changed slice-account link.
0 | identity-account-delete-processor | AccIdentityAccount | DELETE | fixed | Deletes the identity-account link and what depends on it.
0 | identity-account-save-processor | AccIdentityAccount | CREATE,UPDATE | fixed | Stores the new or changed identity-account link.
0 | account-password-delete-processor | AccPassword | DELETE | later | Deletes the account password record and what depends on it.
0 | account-password-save-processor | AccPassword | CREATE,UPDATE | later | Stores the new or changed account password record.
-10 | account-role-assignment-valid-request-provisioning-processor | AccRoleAssignmentValidRequest | IDENTITY_ROLE_VALID | later | Pushes the change of the pending validity request of an account role to managed systems (account management).
0 | uniform-password-delete-processor | AccUniformPassword | DELETE | fixed later | Deletes the uniform password definition and what depends on it.
0 | uniform-password-save-processor | AccUniformPassword | CREATE,UPDATE | fixed later | Stores the new or changed uniform password definition.
0 | password-filter-save-processor | AccUniformPasswordSystem | CREATE,UPDATE | fixed later | Stores the new or changed uniform password system link.
0 | password-filter-system-delete-processor | AccUniformPasswordSystem | DELETE | fixed later | Deletes the uniform password system link and what depends on it.
1000 | contract-guarantee-delete | ContractGuarantee | DELETE | if | Pushes the change of the contract guarantee (manager link) to managed systems (account management).
1000 | contract-guarantee-save | ContractGuarantee | NOTIFY | async if | Pushes the change of the contract guarantee (manager link) to managed systems (account management).
1000 | contract-position-provisioning-processor | ContractPosition | DELETE,NOTIFY | async if later | Pushes the change of the additional contract position to managed systems (account management).
-1 | contract-slice-delete-processor | ContractSlice | DELETE | fixed if | Cleans up the references of module acc before the contract time slice is deleted.
500 | account-provisioning-processor-after-eav-save | FormInstance | UPDATE | fixed if later | Pushes the change of the set of extended-attribute values to managed systems (account management).
-1000 | identity-contract-before-save-processor | IdentityContract | CREATE,UPDATE,DELETE,EAV_SAVE | - | Remembers the previous subordinates before the contract changes.
-1 | contract-delete-processor | IdentityContract | DELETE | fixed | Cleans up the references of module acc before the identity contract is deleted.
1000 | identity-contract-provisioning-processor | IdentityContract | DELETE,NOTIFY | async | Pushes the identity and its old and new subordinates to managed systems.
-2000 | identity-password-validate-processor | Identity | PASSWORD | if | Checks the new password against the policies before it is changed.
-10 | identity-uniform-password-processor | Identity | PASSWORD | if later | Merges the selected accounts by uniform-password definitions.
-1 | acc-identity-delete-processor | Identity | DELETE | fixed | Cleans up the references of module acc before the identity is deleted.
150 | acc-identity-init-common-password-processor | Identity | UPDATE | if later | Handles the password step of the identity.
155 | acc-identity-set-common-password-processor | Identity | UPDATE | if later | Handles the password step of the identity.
200 | identity-set-password-processor | Identity | UPDATE | if | Sets one password on all accounts when the identity becomes valid.
1000 | identity-password-provisioning-processor | Identity | PASSWORD | - | Sends the changed password to the selected systems.
1000 | identity-save-processor | Identity | NOTIFY | async votes if | Asynchronously pushes the changed identity to managed systems; the only shipped processor that takes part in priority voting (but abstains).
-10 | identity-role-valid-request-provisioning-processor | IdentityRoleValidRequest | IDENTITY_ROLE_VALID | - | Pushes the change of the pending validity request of an assigned role to managed systems (account management).
-1 | password-policy-delete-processor | PasswordPolicy | DELETE | - | Cleans up the references of module acc before the password policy is deleted.
1000 | acc-profile-provisioning-processor | Profile | DELETE,NOTIFY | async if later | Pushes the change of the identity profile to managed systems (account management).
-1 | role-catalogue-delete-processor | RoleCatalogue | DELETE | fixed | Cleans up the references of module acc before the role catalogue item is deleted.
1000 | role-catalogue-save-processor | RoleCatalogue | NOTIFY | async if | Asynchronously pushes the changed catalogue item to managed systems.
-1 | role-delete-processor | Role | DELETE | fixed | Cleans up the references of module acc before the role is deleted.
1000 | role-save-processor | Role | NOTIFY | async if | Asynchronously pushes the changed role to managed systems.
1000 | acc-role-request-check-system-state-processor | RoleRequest | REFRESH_SYSTEM_STATE | if later | Derives the system-side state of a role request from its provisioning operations.
1000 | acc-role-request-realization-processor | RoleRequest | NOTIFY | async if later | Account management and provisioning for the carried-out role request.
-1 | acc-tree-node-delete-processor | TreeNode | DELETE | fixed | Cleans up the references of module acc before the tree (organisation) node is deleted.
1000 | acc-tree-node-save-processor | TreeNode | NOTIFY | async if | Asynchronously pushes the changed node to managed systems.
-1 | acc-tree-type-delete-processor | TreeType | DELETE | fixed | Cleans up the references of module acc before the tree type is deleted.
-10020 | acc-init-remote-server-processor | ModuleDescriptor | INIT | if later | At application start: prepares connector servers.
-10010 | acc-init-synchronization-processor | ModuleDescriptor | INIT | if later | At application start: prepares synchronization.
15 | acc-init-user-role-processor | ModuleDescriptor | INIT | if later | At application start: prepares user role.
35 | acc-init-helpdesk-role-processor | ModuleDescriptor | INIT | if later | At application start: prepares helpdesk role.
45 | acc-init-role-manager-role-processor | ModuleDescriptor | INIT | if later | At application start: prepares role manager role.
50 | acc-init-schema-form-definition-processor | ModuleDescriptor | INIT | if later | At application start: prepares schema form definition.
10100 | acc-init-scheduled-task-processor | ModuleDescriptor | INIT | if later | At application start: prepares scheduled task.
11010 | acc-init-monitoring-processor | ModuleDescriptor | INIT | if later | At application start: prepares monitoring.
-10 | identity-password-pre-validate-definition-processor-acc | PasswordChange | PASSWORD_PREVALIDATION | - | Checks the password change and refuses invalid input.
0 | attribute-controlled-value-delete-processor | SysAttributeControlledValue | DELETE | fixed | Deletes the controlled attribute value and what depends on it.
0 | attribute-controlled-value-save-processor | SysAttributeControlledValue | CREATE,UPDATE | fixed | Stores the new or changed controlled attribute value.
0 | acc-remote-server-delete-processor | SysConnectorServer | DELETE | fixed later | Deletes the connector server and what depends on it.
0 | acc-remote-server-save-processor | SysConnectorServer | CREATE,UPDATE | later | Stores the new or changed connector server.
-5000 | disabled-system-processor | SysProvisioningOperation | CREATE,UPDATE,DELETE | closes if | Holds the operation in the queue if the system is disabled; can close the event.
-1000 | prepare-connector-object-processor | SysProvisioningOperation | CREATE,UPDATE | - | Reads the target object and decides between create and update with the attributes to send.
-500 | readonly-system-processor | SysProvisioningOperation | CREATE,UPDATE,DELETE | closes if | Holds the operation if the system is read only; can close the event.
-10 | provisioning-break-processor | SysProvisioningOperation | CREATE,UPDATE,DELETE | fixed if | Stops operations above a configured limit per time.
0 | provisioning-create-processor | SysProvisioningOperation | CREATE,UPDATE | if | Creates the object on the target system.
0 | provisioning-delete-processor | SysProvisioningOperation | DELETE | if | Deletes the object on the target system.
0 | provisioning-update-processor | SysProvisioningOperation | CREATE,UPDATE | if | Updates the object on the target system.
900 | provisioning-common-password-notification-processor | SysProvisioningOperation | * | if later | Records the new system for the uniform-password message sent later.
1000 | provisioning-send-notification-processor | SysProvisioningOperation | CREATE,UPDATE | if | Sends the generated password after a successful first provisioning.
5000 | remove-processed-operation-processor | SysProvisioningOperation | CREATE,UPDATE,DELETE,CANCEL | closes if | Moves the finished operation to the archive; can close the event.
0 | schema-attribute-delete-processor | SysSchemaAttribute | DELETE | fixed | Deletes the schema attribute and what depends on it.
0 | synchronization-item-processor | SysSyncItemLog | START_ITEM | - | Synchronises one item.
0 | system-attribute-mapping-delete-processor | SysSystemAttributeMapping | DELETE | fixed later | Deletes the attribute mapping and what depends on it.
0 | system-attribute-mapping-save-processor | SysSystemAttributeMapping | CREATE,UPDATE | fixed later | Stores the new or changed attribute mapping.
100 | system-attribute-mapping-update-processor | SysSystemAttributeMapping | UPDATE | if later | Aligns overloaded role attributes with the changed mapping strategy.
-100 | acc-duplicate-system-processor | SysSystem | DUPLICATE | later | Part of copying: duplicate system.
0 | system-delete-processor | SysSystem | DELETE | fixed | Deletes the target system and what depends on it.
0 | system-save-processor | SysSystem | CREATE,UPDATE | - | Stores the new or changed target system.
0 | system-group-delete-processor | SysSystemGroup | DELETE | fixed later | Deletes the system group and what depends on it.
0 | system-group-save-processor | SysSystemGroup | CREATE,UPDATE | later | Stores the new or changed system group.
0 | system-group-system-delete-processor | SysSystemGroupSystem | DELETE | fixed later | Deletes the system group member and what depends on it.
0 | system-group-system-save-processor | SysSystemGroupSystem | CREATE,UPDATE | later | Stores the new or changed system group member.
0 | system-mapping-delete-processor | SysSystemMapping | DELETE | fixed | Deletes the system mapping and what depends on it.
0 | system-mapping-save-processor | SysSystemMapping | CREATE,UPDATE | fixed | Stores the new or changed system mapping.
4 | ms-ad-sync-mapping-role-auto-attributes-processor | SysSystemMapping | CREATE | if later | Pre-creates mapped attributes for the new system mapping.
5 | ms-ad-mapping-auto-attributes-processor | SysSystemMapping | CREATE | if later | Pre-creates mapped attributes for the new system mapping.
10 | system-mapping-auto-attributes-processor | SysSystemMapping | CREATE | if later | Pre-creates mapped attributes for the new system mapping.
15 | system-mapping-auto-tree-attributes-processor | SysSystemMapping | CREATE | if later | Pre-creates mapped attributes for the new system mapping.
20 | system-mapping-auto-role-catalogue-attributes-processor | SysSystemMapping | CREATE | if later | Pre-creates mapped attributes for the new system mapping.
0 | acc-system-owner-delete-processor | SysSystemOwner | DELETE | later | Deletes the system owner (person) and what depends on it.
0 | acc-system-owner-save-processor | SysSystemOwner | CREATE,UPDATE | later | Stores the new or changed system owner (person).
0 | acc-system-owner-role-delete-processor | SysSystemOwnerRole | DELETE | later | Deletes the system owner (role) and what depends on it.
0 | acc-system-owner-role-save-processor | SysSystemOwnerRole | CREATE,UPDATE | later | Stores the new or changed system owner (role).
`
