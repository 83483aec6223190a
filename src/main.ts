import 'reflect-metadata';
import { ConfigError, loadEnvironment } from './config/index.js';
import { createApp } from './create-app.js';

/** What shutting down may take beyond the drain time before the process is ended by force. */
const SHUTDOWN_GRACE = 5_000;

try {
  const config = loadEnvironment();
  const app = await createApp(config);
  app.enableShutdownHooks(['SIGTERM', 'SIGINT'], { useProcessExit: true });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () =>
      setTimeout(() => process.exit(1), config.http.shutdownDrain + SHUTDOWN_GRACE).unref(),
    );
  }
  await app.listen(config.http.port, config.http.host);
  announce(await app.getUrl(), config.http.chatPage);
} catch (error) {
  process.stderr.write(
    `${error instanceof ConfigError ? error.message : String((error as Error).stack ?? error)}\n`,
  );
  process.exit(1);
}

function announce(url: string, chatPage: boolean): void {
  const address = url.replace('[::1]', 'localhost').replace('0.0.0.0', 'localhost');
  const lines = [
    `Rookery is ready at ${address}`,
    ...(chatPage ? [`  chat page  ${address}/chat`] : []),
    `  API docs   ${address}/docs`,
  ];
  process.stdout.write(`\n${lines.join('\n')}\n\n`);
}
