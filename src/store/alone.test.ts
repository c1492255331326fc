import { describe, test } from 'vitest'
import { alone } from './alone.js'
import { clusterConformance } from './conformance/cluster.js'

describe('the cluster of one', () => clusterConformance({ describe, test, open: async () => [alone()], most: 1 }))
