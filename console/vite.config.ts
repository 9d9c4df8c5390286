// Builds the page into the Python package, which serves it by itself.

import { readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'

const COMPRESSIBLE = /\.(css|js|md)$/

// Once at build time, so that no request has to compress anything.
const compressed: Plugin = {
  name: 'compressed',
  apply: 'build',
  async closeBundle() {
    const { outDir } = this.environment.config.build
    for (const name of await readdir(outDir)) {
      if (!COMPRESSIBLE.test(name)) continue
      const file = join(outDir, name)
      await writeFile(`${file}.gz`, gzipSync(await readFile(file), { level: 9 }))
      await rm(file)
    }
  },
}

export default defineConfig({
  base: './',
  plugins: [react(), compressed],
  build: {
    outDir: '../graphql_api/http/console_assets',
    emptyOutDir: true,
    assetsDir: '',
    license: { fileName: 'licenses.md' },
  },
})
