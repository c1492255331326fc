import { render } from 'preact'
import { App } from './app.js'
import './style.css'
import { applyLook } from './ui/look.js'

applyLook()
const root = document.getElementById('app')
if (root) render(<App />, root)
