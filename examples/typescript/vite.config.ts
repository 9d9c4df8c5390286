import react from '@vitejs/plugin-react'
import { defineConfig, loadEnv } from 'vite'

export default defineConfig(({ mode }) => {
  const { GRAPHQL_URL = 'http://127.0.0.1:8000' } = loadEnv(mode, '.', 'GRAPHQL_')
  // The server accepts sockets of its own site only, so the page's host is passed on as it is.
  const proxy = { '/graphql': { target: GRAPHQL_URL, ws: true, changeOrigin: false } }
  return {
    plugins: [react()],
    server: { host: '127.0.0.1', proxy },
    preview: { host: '127.0.0.1', proxy },
  }
})
