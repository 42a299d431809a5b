import { defineConfig } from 'vite';

// The page is served by the platform: one script, one style sheet, nothing from elsewhere.
export default defineConfig({
  root: import.meta.dirname,
  build: { target: 'es2022', sourcemap: false, modulePreload: false, reportCompressedSize: false },
});
