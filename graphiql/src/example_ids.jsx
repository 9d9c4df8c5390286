// Fills real ids into the variables of the examples, as long as nobody has edited them.

import { useGraphiQL, useGraphiQLActions } from '@graphiql/react'
import { useEffect, useState } from 'react'

import { exampleVariables, FIRST, isExample } from './examples.js'
import { createdFinetuningId, newestDbConnectionId } from './fetcher.js'
import { storage } from './storage.js'

const isFirstVisit = storage.getItem('graphiql:tabState') === null

export function ExampleIds() {
  const { changeTab } = useGraphiQLActions()
  const { tab, schema, queryEditor, responseEditor, variableEditor, headerEditor } = useGraphiQL((state) => ({
    tab: state.tabs[state.activeTabIndex],
    schema: state.schema,
    queryEditor: state.queryEditor,
    responseEditor: state.responseEditor,
    variableEditor: state.variableEditor,
    headerEditor: state.headerEditor,
  }))
  const [dbConnectionId, setDbConnectionId] = useState()

  // Not before all editors are there: each takes its text over from the tab.
  const isReady = Boolean(queryEditor && variableEditor && headerEditor && responseEditor)
  useEffect(() => {
    if (isFirstVisit && isReady) changeTab(FIRST)
  }, [isReady, changeTab])

  // Once the schema could be read, so can the connections; with a token, that may be only now. Another tab may
  // have made a new one.
  useEffect(() => {
    if (schema) newestDbConnectionId(headersIn(headerEditor)).then(setDbConnectionId, () => {})
  }, [schema, headerEditor, tab.id])

  useEffect(() => {
    if (variableEditor && isExample(tab.title)) {
      fillIn(variableEditor, tab.title, { dbConnectionId, finetuningId: createdFinetuningId() })
    }
  }, [variableEditor, tab.id, tab.title, dbConnectionId])
}

function fillIn(editor, title, ids) {
  const writtenKey = `written-variables:${title}`
  const unedited = ['', exampleVariables(title, {}), storage.getItem(writtenKey)]
  if (!unedited.includes(editor.getValue())) return
  const text = exampleVariables(title, ids)
  storage.setItem(writtenKey, text)
  if (text !== editor.getValue()) editor.setValue(text)
}

function headersIn(editor) {
  try {
    return JSON.parse(editor.getValue())
  } catch {
    return {}
  }
}
