/**
 * The native catalogue: every verb the connected systems name, and Tocsin's own.
 */
import { credentialTypes } from './credential.js'
import { deviceTypes } from './device.js'
import { registryTypes } from './registry.js'
import { requestTypes } from './request.js'
import { resourceTypes } from './resource.js'
import { tocsinTypes } from './tocsin.js'
import { userTypes } from './user.js'
import { workflowTypes } from './workflow.js'

export const NATIVE_TYPES = [
  ...deviceTypes,
  ...credentialTypes,
  ...requestTypes,
  ...userTypes,
  ...workflowTypes,
  ...resourceTypes,
  ...registryTypes,
  ...tocsinTypes,
]
