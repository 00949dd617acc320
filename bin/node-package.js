// Node 24 comes from npm as one package a platform, which the lock file pins with its checksum.

/** @returns {string} the name of this machine's package; some machines have none */
export function packageOfNode() {
  const system = process.platform === 'win32' ? 'win' : process.platform;
  // The name without `bin` belongs to somebody else.
  const prefix = system === 'darwin' && process.arch === 'arm64' ? 'node-bin' : 'node';
  return `${prefix}-${system}-${process.arch}`;
}

export function isNewEnough() {
  return Number(process.versions.node.split('.')[0]) >= 24;
}
