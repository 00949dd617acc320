// healthcheck.js [PORT]: for containers. Exits with 0 if the service answers.
const port = process.argv[2] ?? process.env.DRIPLINE_HEALTH_PORT ?? '4330';
try {
  const { ok } = await fetch(`http://127.0.0.1:${port}/healthz`, {
    signal: AbortSignal.timeout(4000),
  });
  process.exitCode = ok ? 0 : 1;
} catch {
  process.exitCode = 1;
}
