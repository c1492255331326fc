import base from './vitest.config.ts'
export default { ...base, root: '/work/lead', test: { ...base.test, deps: { optimizer: { ssr: { enabled: true, include: ['typebox'] } } } } }
