import 'reflect-metadata';
import { announcement, bootFailure, helpFor } from './boot-messages.js';
import { loadEnvironment, type AppConfig } from './config/index.js';
import { createApp } from './create-app.js';

/** What shutting down may take beyond the drain time before the process is ended by force. */
const SHUTDOWN_GRACE = 5_000;

const help = helpFor(process.argv.slice(2));
if (help) {
  process.stdout.write(`${help}\n`);
  process.exit(0);
}

let config: AppConfig | undefined;
try {
  config = loadEnvironment();
  await serve(config);
} catch (error) {
  process.stderr.write(`${bootFailure(error, config)}\n`);
  process.exit(1);
}

async function serve(settings: AppConfig): Promise<void> {
  const { http } = settings;
  const app = await createApp(settings);
  app.enableShutdownHooks(['SIGTERM', 'SIGINT'], { useProcessExit: true });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () =>
      setTimeout(() => process.exit(1), http.shutdownDrain + SHUTDOWN_GRACE).unref(),
    );
  }
  await app.listen(http.port, http.host);
  process.stdout.write(`\n${announcement(await app.getUrl(), http)}\n\n`);
}
