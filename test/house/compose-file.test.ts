import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';

interface Service {
  privileged?: boolean;
  ports?: string[];
  volumes?: string[];
  security_opt?: string[];
}

const file = new URL('../../compose.yaml', import.meta.url);
const { services } = parse(readFileSync(file, 'utf8')) as { services: Record<string, Service> };

test('the containers have no more rights than they need', () => {
  expect(services.dripline).toMatchObject({
    read_only: true,
    tmpfs: ['/tmp'],
    cap_drop: ['ALL'],
    mem_limit: '1g',
    pids_limit: 256,
  });
  for (const { privileged, ports, volumes = [], security_opt } of Object.values(services)) {
    expect(privileged).toBeUndefined();
    for (const port of ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:/);
    expect(security_opt).toContain('no-new-privileges:true');
    for (const volume of volumes)
      expect(volume).toMatch(/^(?:\.\/.*:ro|\.\/(?:posts|media):\S+|[a-z]+:\/\S+)$/);
  }
});
