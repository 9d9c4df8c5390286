import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { Provider } from 'urql'
import { Router } from 'wouter'

import { App } from './App'
import { homePath } from './shared/addresses'
import { client } from './shared/client'
import './styles/base.css'
import './styles/layout.css'
import './styles/finetunings.css'
import './styles/catalogue.css'

const root = document.getElementById('root')
if (!root) throw new Error('index.html has no #root')

createRoot(root).render(
  <StrictMode>
    <Provider value={client}>
      <Router base={homePath}>
        <App />
      </Router>
    </Provider>
  </StrictMode>,
)
