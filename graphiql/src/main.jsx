// The page: GraphiQL at the endpoint it was loaded from, with the examples in tabs.

import 'graphiql/setup-workers/vite'
import 'graphiql/style.css'
import '@graphiql/plugin-explorer/style.css'
import './page.css'

import { explorerPlugin } from '@graphiql/plugin-explorer'
import { GraphiQL, HISTORY_PLUGIN } from 'graphiql'
import { createRoot } from 'react-dom/client'

import { CredentialBar } from './credential_bar.jsx'
import { ExampleIds } from './example_ids.jsx'
import { exampleTabs } from './examples.js'
import { fetcher } from './fetcher.js'
import { storage } from './storage.js'

const PLUGINS = [HISTORY_PLUGIN, explorerPlugin()]

// As JSON Schema, for the variables editor, which takes a scalar that it does not know for a single value.
const SCALARS = { StringMap: { type: ['object', 'null'], additionalProperties: { type: 'string' } } }

createRoot(document.getElementById('graphiql')).render(
  <GraphiQL
    fetcher={fetcher}
    storage={storage}
    plugins={PLUGINS}
    defaultTabs={exampleTabs()}
    defaultEditorToolsVisibility="variables"
    customScalarSchemas={SCALARS}
    shouldPersistHeaders={false} // without it, the settings offer to keep them
    inputValueDeprecation
  >
    <GraphiQL.Logo>Finetuning</GraphiQL.Logo>
    <CredentialBar />
    <ExampleIds />
  </GraphiQL>,
)
