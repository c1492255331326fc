/**
 * The entities and event types of CzechIdM that its source proves (9.5 to 13.0). An entity is named by its class without
 * package, without `Dto` and, in the core module, without `Idm`: IdmIdentity is `Identity`, SysSystem stays `SysSystem`.
 * The misspelt EXCECUTE is the product's.
 */

export const CORE_TYPES = ['CREATE', 'UPDATE', 'DELETE', 'EAV_SAVE', 'NOTIFY'] as const

const PLAIN = ['CREATE', 'UPDATE', 'DELETE']
const NOTIFIED = [...PLAIN, 'NOTIFY']
const FORMED = [...PLAIN, 'EAV_SAVE', 'NOTIFY']

const PLAIN_ENTITIES = [
  'AccAccountRoleAssignment',
  'AccContractSliceAccount',
  'AccIdentityAccount',
  'AccPassword',
  'AccUniformPassword',
  'AccUniformPasswordSystem',
  'AuthorizationPolicy',
  'AutomaticRoleAttribute',
  'AutomaticRoleAttributeRule',
  'CodeList',
  'CodeListItem',
  'Configuration',
  'Delegation',
  'DelegationDefinition',
  'EntityState',
  'ExportImport',
  'FormAttribute',
  'FormDefinition',
  'FormProjection',
  'ImportLog',
  'MonitoringResult',
  'NotificationTemplate',
  'Password',
  'PasswordPolicy',
  'RoleFormAttribute',
  'RoleGuarantee',
  'RoleGuaranteeRole',
  'RoleTreeNode',
  'Script',
  'SysAttributeControlledValue',
  'SysConnectorServer',
  'SysSystemAttributeMapping',
  'SysSystemGroup',
  'SysSystemGroupSystem',
  'SysSystemMapping',
  'SysSystemOwner',
  'SysSystemOwnerRole',
  'Token',
  'TreeType',
]

const NOTIFIED_ENTITIES = [
  'ContractGuarantee',
  'ContractPosition',
  'ContractSliceGuarantee',
  'IncompatibleRole',
  'Profile',
  'RoleCatalogue',
  'RoleComposition',
]

const FORMED_ENTITIES = ['ContractSlice', 'IdentityContract', 'IdentityRole', 'TreeNode']

const OTHERS: Readonly<Record<string, readonly string[]>> = {
  AccAccount: [...PLAIN, 'PASSWORD', 'START'],
  AccRoleAssignmentValidRequest: ['IDENTITY_ROLE_VALID'],
  AutomaticRoleRequest: [...PLAIN, 'EXECUTE'],
  EntityEvent: [...PLAIN, 'EXECUTE'],
  FormInstance: ['UPDATE'],
  Identity: [...FORMED, 'PASSWORD', 'PASSWORD_EXPIRED'],
  IdentityProjection: ['CREATE', 'UPDATE'],
  IdentityRoleValidRequest: ['IDENTITY_ROLE_VALID'],
  LongRunningTask: [...PLAIN, 'END', 'START'],
  ModuleDescriptor: ['DISABLE', 'ENABLE', 'INIT'],
  Monitoring: [...PLAIN, 'EXECUTE'],
  PasswordChange: ['PASSWORD_PREVALIDATION'],
  Request: [...PLAIN, 'EXECUTE'],
  Role: [...FORMED, 'DUPLICATE'],
  RoleCatalogueRole: ['DELETE'],
  RoleRequest: [...NOTIFIED, 'EXCECUTE', 'REFRESH_SYSTEM_STATE'],
  RptReport: ['GENERATE'],
  SysProvisioningOperation: [...PLAIN, 'CANCEL'],
  SysSchemaAttribute: ['DELETE'],
  SysSyncItemLog: ['START_ITEM'],
  SysSystem: [...PLAIN, 'EAV_SAVE', 'DUPLICATE', 'EXPORT'],
  VsRequest: ['EXCECUTE'],
}

/** Event types by entity. */
export const ENTITIES: ReadonlyMap<string, readonly string[]> = new Map([
  ...PLAIN_ENTITIES.map((name) => [name, PLAIN] as const),
  ...NOTIFIED_ENTITIES.map((name) => [name, NOTIFIED] as const),
  ...FORMED_ENTITIES.map((name) => [name, FORMED] as const),
  ...Object.entries(OTHERS),
])

/** `eu.bcvsolutions.idm.core.model.entity.IdmIdentity` is `Identity`; another module's class keeps its prefix. */
export function entityOf(ownerType: string): string {
  const name = ownerType.slice(ownerType.lastIndexOf('.') + 1).replace(/(?<=.)Dto$/, '')
  return /^Idm[A-Z]/.test(name) ? name.slice(3) : name
}
